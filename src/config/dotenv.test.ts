import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readDotEnv } from "./dotenv.ts";

function withFolder(body: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "dotenv-"));
  try {
    body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("reads quotes, export and comments; what is there wins; the process's environment stays as it is", () => {
  withFolder((folder) => {
    const text = "\uFEFF# keys\nA=1\nexport B = 'two # 2'\nC=\"x\\ny\" # note\nHOME=elsewhere\n\nD=\n";
    writeFileSync(join(folder, ".env"), text);
    const { path, env, added } = readDotEnv(join(folder, "config.toml"), { HOME: "/home/me" });
    assert.equal(path, join(folder, ".env"));
    assert.deepEqual(added, ["A", "B", "C", "D"]);
    assert.deepEqual({ ...env }, { A: "1", B: "two # 2", C: "x\ny", D: "", HOME: "/home/me" });
    assert.equal(process.env["B"], undefined);
  });
});

test("none there: nothing added", () => {
  withFolder((folder) => {
    const env = { X: "1" };
    assert.deepEqual(readDotEnv(join(folder, "config.toml"), env), { path: undefined, env, added: [] });
  });
});

test("one that cannot be read is said", () => {
  withFolder((folder) => {
    mkdirSync(join(folder, ".env"));
    assert.throws(() => readDotEnv(join(folder, "config.toml"), {}), /cannot read .*\.env: EISDIR/);
  });
});
