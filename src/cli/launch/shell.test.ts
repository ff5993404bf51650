import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { changed, changesOf } from "./environment.ts";
import { commandLine, quoted, setLine, shellOf, unsetLine } from "./shell.ts";

const ODD = `it's "odd" $HOME \`id\` $(id) \\ !x * ü\nline`;

test("whatever a value holds, a shell takes it as it is", () => {
  const script = `${setLine("ODD", ODD, "bash")}\n${setLine("GONE", "x", "bash")}\n${unsetLine("GONE", "bash")}\nprintf '%s|%s' "$ODD" "$GONE"`;
  assert.equal(execFileSync("/bin/sh", ["-c", script], { encoding: "utf8", env: {} }), `${ODD}|`);
  const words = ["printf", "%s", ODD, "plain"];
  assert.equal(execFileSync("/bin/sh", ["-c", commandLine(words, "bash")], { encoding: "utf8" }), `${ODD}plain`);
});

test("fish and PowerShell have their own words", () => {
  assert.equal(setLine("A", "it's \\", "fish"), "set -gx A 'it\\'s \\\\'");
  assert.equal(unsetLine("A", "fish"), "set -e A");
  assert.equal(setLine("A", "it's \u2019", "powershell"), "$env:A = 'it''s \u2019\u2019'");
  assert.equal(quoted("a", "zsh"), "'a'");
});

test("the shell is the user's own", () => {
  assert.equal(shellOf({ SHELL: "/usr/bin/fish" }), "fish");
  assert.equal(shellOf({ SHELL: "/bin/dash" }), "bash");
  assert.equal(shellOf({}, "win32"), "powershell");
});

test("a router on this machine is not looked for behind a proxy; what need not change does not", () => {
  const plan = { set: { A: "1" }, unset: ["B", "C"], args: [] };
  const env = { HTTPS_PROXY: "http://proxy", NO_PROXY: "intern", B: "x" };
  const changes = changesOf(plan, "http://localhost:8090", env);
  assert.deepEqual(changes, { set: { NO_PROXY: "intern,localhost", no_proxy: "localhost", A: "1" }, unset: ["B"] });
  assert.deepEqual(changed(env, changes), {
    HTTPS_PROXY: "http://proxy",
    NO_PROXY: "intern,localhost",
    no_proxy: "localhost",
    A: "1",
  });
  assert.deepEqual(changesOf(plan, "http://far.example", env).set, { A: "1" });
  assert.deepEqual(changesOf(plan, "http://[::1]:8090", { NO_PROXY: "*", no_proxy: "*", HTTP_PROXY: "x" }).set, {
    A: "1",
  });
});
