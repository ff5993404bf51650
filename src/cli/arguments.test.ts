import assert from "node:assert/strict";
import { test } from "node:test";
import { readArguments } from "./arguments.ts";
import { Refusal } from "./io.ts";

const exists = (path: string) => path === "my.toml";

test("commands and their arguments", () => {
  const read = (...argv: string[]) => {
    const { command, file, host, port } = readArguments(argv, exists);
    return [command, file, host, port];
  };
  assert.deepEqual(read(), ["run", undefined, undefined, undefined]);
  assert.deepEqual(read("my.toml"), ["run", "my.toml", undefined, undefined]);
  assert.deepEqual(read("--port", "0", "--host=::1", "my.toml"), ["run", "my.toml", "::1", 0]);
  assert.deepEqual(read("run", "other.toml"), ["run", "other.toml", undefined, undefined]);
  assert.deepEqual(read("check", "other.toml"), ["check", "other.toml", undefined, undefined]);
  assert.deepEqual(read("init"), ["init", undefined, undefined, undefined]);
  assert.deepEqual(read("schema")[0], "schema");
  assert.deepEqual(read("--help")[0], "help");
  assert.deepEqual(read("check", "-h")[0], "help");
  assert.deepEqual(read("-V")[0], "version");
  assert.deepEqual(read("plugin", "--help")[0], "help");
  assert.deepEqual(read("plugin", "new", "mine")[1], "mine");
  assert.equal(readArguments(["plugin", "new", "mine"]).kind, "plugin");
  assert.equal(readArguments(["plugin", "new", "mine", "--response-classifier"]).kind, "response-classifier");
});

test("mistakes are told in one line, with what was meant", () => {
  const cases: [string[], RegExp][] = [
    [["chekc"], /^"chekc" is neither a command nor a config file that exists, did you mean "check"\?$/],
    [["weather.toml"], /^"weather.toml" is neither a command nor a config file that exists \(see --help\)$/],
    [["--prot", "1"], /^unknown option --prot, allowed: .*, did you mean "--port"\?$/],
    [["-x"], /^unknown option -x/],
    [["--port"], /^--port: /],
    [["--port", "http"], /^--port must be a number from 0 to 65535, not "http"$/],
    [["--port=70000"], /^--port must be/],
    [["my.toml", "b.toml"], /^"b.toml" is one argument too many$/],
    [["schema", "x"], /^"schema" takes no argument$/],
    [["plugin"], /^"plugin" needs to know what to do: opensourcellmrouter plugin new NAME$/],
    [["plugin", "mine"], /^"plugin" knows "new" only, not "mine": opensourcellmrouter plugin new NAME$/],
    [["plugin", "new"], /^"plugin new" needs a name/],
    [["plugin", "new", "a", "b"], /^"b" is one argument too many$/],
    [["plugin", "new", "a", "--rule", "--classifier"], /^--classifier and --rule: it can only be one of them$/],
    [["check", "--rule"], /^--rule is for "plugin new", not for "check"$/],
    [["check", "--port", "1"], /^--host and --port are for running the router, not for "check"$/],
  ];
  for (const [argv, message] of cases) {
    assert.throws(
      () => readArguments(argv, exists),
      (error) => error instanceof Refusal && error.exitCode === 2 && message.test(error.message),
      argv.join(" "),
    );
  }
});
