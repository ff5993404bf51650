import assert from "node:assert/strict";
import { test } from "node:test";
import { defineCommand } from "./command.ts";
import { perform } from "./command-line.ts";
import { COMMANDS } from "./commands/index.ts";
import { type Io, Refusal } from "./io.ts";
import { VERSION } from "./version.ts";

function collector(): Io & { text(): string } {
  const lines: string[] = [];
  return { env: {}, out: (line) => lines.push(line), err: (line) => lines.push(line), text: () => lines.join("\n") };
}

/** What a command would be called with. */
async function called(...words: string[]) {
  let seen: unknown;
  const command = defineCommand({
    name: "try",
    group: "use",
    summary: "try it",
    operands: [
      { name: "WHAT", choices: ["this", "that"] },
      { name: "MORE", optional: true },
    ],
    options: {
      port: { type: "string", value: "PORT", short: "p", summary: "a port" },
      fast: { type: "boolean", summary: "fast" },
      tag: { type: "string", multiple: true, summary: "tags" },
      colour: { type: "string", choices: ["red", "green"], summary: "colour" },
    },
    rest: "goes to somebody else",
    examples: [["try this", "tries it"]],
    run: (call) => {
      seen = call;
      return 0;
    },
  });
  await command.start(words, collector());
  return seen;
}

test("operands, options and what follows -- reach the command with their types", async () => {
  const nothing = { port: undefined, fast: false, tag: [], colour: undefined };
  assert.deepEqual(await called("this"), { operands: ["this"], options: nothing, rest: [] });
  assert.deepEqual(await called("--fast", "that", "-p", "1", "--tag=a", "--tag", "b", "x", "--colour", "red"), {
    operands: ["that", "x"],
    options: { port: "1", fast: true, tag: ["a", "b"], colour: "red" },
    rest: [],
  });
  assert.deepEqual(await called("this", "--", "--fast", "-h"), {
    operands: ["this"],
    options: nothing,
    rest: ["--fast", "-h"],
  });
});

test("mistakes in the words of a command are told in one line, with what was meant", async () => {
  const cases: [string[], RegExp][] = [
    [[], /^"try" needs this\|that: opensourcellmrouter try this\|that \[MORE\] \[--port PORT\] .* \[-- …\]$/],
    [["tihs"], /^"try" knows this or that, not "tihs", did you mean "this"\?$/],
    [["this", "a", "b"], /^"b" is one argument too many: opensourcellmrouter try/],
    [["this", "--prot", "1"], /^unknown option --prot: "try" takes .*, did you mean "--port"\?$/],
    [["this", "-x"], /^unknown option -x/],
    [["this", "--port"], /^--port: /],
    [["this", "--colour", "blue"], /^--colour must be red or green, not "blue"$/],
  ];
  for (const [words, message] of cases) await refuses(() => called(...words), message, words.join(" "));
});

test("the first word is a command, or a config that exists", async () => {
  const cases: [string[], RegExp][] = [
    [["chekc"], /^"chekc" is neither a command nor a config file that exists, did you mean "check"\?$/],
    [["weather.toml"], /^"weather.toml" is neither a command nor a config file that exists \(see --help\)$/],
    [["--port", "http"], /^--port must be a number from 0 to 65535, not "http"$/],
    [["--port=70000"], /^--port must be/],
    [["my.toml", "b.toml"], /^"b.toml" is one argument too many/],
    [["schema", "x"], /^"schema" takes no argument$/],
    [["plugin"], /^"plugin" needs new: opensourcellmrouter plugin new NAME/],
    [["plugin", "mine"], /^"plugin" knows new only, not "mine"/],
    [["plugin", "new"], /^"plugin" needs NAME/],
    [["plugin", "new", "a", "--rule", "--classifier"], /^--classifier and --rule: it can only be one of them$/],
    [["check", "--port", "1"], /^unknown option --port: "check" takes --help/],
    [["help", "chekc"], /^there is no command "chekc", did you mean "check"\?$/],
  ];
  const exists = (path: string) => path === "my.toml";
  for (const [words, message] of cases)
    await refuses(() => perform(words, collector(), exists), message, words.join(" "));
});

test("help and version", async () => {
  for (const words of [["--help"], ["-h"], ["help"], ["my.toml", "--help"]]) {
    const io = collector();
    assert.equal(await perform(words, io), 0);
    for (const { name, summary } of COMMANDS) {
      if (name !== "run") assert.ok(io.text().includes(summary), `${words.join(" ")} does not tell of ${name}`);
    }
  }
  for (const words of [["-V"], ["--version"], ["version"]]) {
    const io = collector();
    assert.equal(await perform(words, io), 0);
    assert.equal(io.text(), VERSION);
  }
});

test("every command has a help of its own, with an example that begins with its name, in 100 columns", async () => {
  for (const { name, examples } of COMMANDS) {
    for (const words of [
      [name, "--help"],
      ["help", name],
    ]) {
      const io = collector();
      assert.equal(await perform(words, io), 0);
      assert.match(io.text(), /Usage\n {2}opensourcellmrouter /);
      assert.match(io.text(), /Examples\n {2}opensourcellmrouter/);
      for (const line of io.text().split("\n")) assert.ok(line.length <= 120, `${name}: too long: ${line}`);
    }
    for (const [call] of examples) assert.ok(name === "run" || call.startsWith(name), `${name}: ${call}`);
  }
});

async function refuses(action: () => Promise<unknown>, message: RegExp, label: string): Promise<void> {
  await assert.rejects(
    action,
    (error) => {
      assert.ok(error instanceof Refusal, `${label}: ${error}`);
      assert.match(error.message, message, label);
      return error.exitCode === 2;
    },
    label,
  );
}
