import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { COMMANDS } from "../commands/index.ts";
import { completionScript } from "./scripts.ts";

/** What bash would offer behind these words, in a folder with one file. */
function offered(...words: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "completion-"));
  try {
    writeFileSync(join(folder, "my.toml"), "");
    const line = ["llmrouter", ...words].map((word) => `'${word}'`).join(" ");
    const script = `${completionScript("bash", COMMANDS)}\nCOMP_WORDS=(${line})\nCOMP_CWORD=${words.length}\n_opensourcellmrouter\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
    const printed = execFileSync("bash", ["-c", script], { cwd: folder, encoding: "utf8" });
    return printed.split("\n").filter((word) => word !== "");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("bash is offered commands, options, their values, operands and files", () => {
  assert.deepEqual(offered("la"), ["launch"]);
  assert.ok(COMMANDS.every(({ name }) => offered("").includes(name)));
  assert.deepEqual(offered("m"), ["my.toml"], "a config to run with");
  assert.deepEqual(offered("check", ""), ["my.toml"]);
  assert.deepEqual(offered("launch", "c"), ["claude", "codex", "copilot"]);
  assert.deepEqual(offered("launch", "claude", "--mo"), ["--model"]);
  assert.deepEqual(offered("run", "--log-format", ""), ["pretty", "json"]);
  assert.deepEqual(offered("service", "un"), ["uninstall"]);
  assert.deepEqual(offered("help", "do"), ["doctor"]);
  assert.deepEqual(offered("watch", ""), [], "nobody knows other routers");
});

test("zsh and fish are told of every command and every option", () => {
  const fish = completionScript("fish", COMMANDS);
  const zsh = completionScript("zsh", COMMANDS);
  for (const { name, options } of COMMANDS) {
    assert.ok(fish.includes(`-a ${name} -d`), name);
    assert.match(zsh, new RegExp(`\\b${name}\\b`));
    for (const option of Object.keys(options)) {
      assert.match(fish, new RegExp(`__fish_seen_subcommand_from ${name}' -[fF] -l ${option}\\b`));
      assert.ok(zsh.includes(`--${option}`), option);
    }
  }
});
