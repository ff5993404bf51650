import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Kinds } from "./kinds.ts";
import { loadConfig } from "./load.ts";
import { ConfigError } from "./problem.ts";

const kinds: Kinds = { rules: [], classifiers: [], responseClassifiers: [], plugins: [], presets: new Map() };

test("a file with a byte order mark and Windows line ends", () => {
  const folder = mkdtempSync(join(tmpdir(), "load-"));
  try {
    const file = join(folder, "config.toml");
    writeFileSync(file, '\uFEFF[[providers]]\r\nname = "s"\r\nformat = "simulated"\r\n[server]\r\nport = 1\r\n');
    const { config, warnings } = loadConfig(file, kinds, {});
    assert.equal(config.server.port, 1);
    assert.equal(warnings.length, 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a file that is not there", () => {
  assert.throws(
    () => loadConfig("/nowhere/config.toml", kinds, {}),
    (error) => error instanceof ConfigError && error.message === "/nowhere/config.toml  no such file",
  );
});
