import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Io } from "./io.ts";
import { hasConfigHere, whichRouter } from "./which-router.ts";

const io = (env: Record<string, string> = {}): Io => ({ env, out: () => undefined, err: () => undefined });

describe("the router meant", () => {
  const before_ = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "which-router-"));
  before(() => process.chdir(folder));
  after(() => {
    process.chdir(before_);
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    rmSync("config.toml", { force: true });
    rmSync(".env", { force: true });
  });

  test("is the one named, with or without a scheme", () => {
    const base = (named: string) => whichRouter(named, undefined, io()).base;
    assert.equal(base("http://127.0.0.1:9000/"), "http://localhost:9000");
    assert.equal(base("localhost:9000"), "http://localhost:9000");
    assert.equal(base("https://router.example/llm/"), "https://router.example/llm");
    assert.equal(base("[::1]:9000"), "http://[::1]:9000");
    for (const wrong of ["", "http://", "a b", "http://u:p@h", "http://h/?x=1", "ftp://h"]) {
      assert.throws(() => base(wrong), /is not the address of a router/, wrong);
    }
  });

  test("is that of the config here, with its key, else where routers listen", () => {
    assert.deepEqual(whichRouter(undefined, undefined, io()), {
      base: "http://localhost:8090",
      key: undefined,
      from: "default",
    });
    writeFileSync("config.toml", `unknown = 1\n[server]\nprot = 1\nport = 9001\nhost = "0.0.0.0"\napi_key_env = "K"\n`);
    writeFileSync(".env", "K=of-the-config\n");
    assert.deepEqual(whichRouter(undefined, undefined, io()), {
      base: "http://localhost:9001",
      key: "of-the-config",
      from: "config",
    });
    writeFileSync("config.toml", `title = "a site"\n[server.headers]\nfor = "/"\n`);
    assert.equal(whichRouter(undefined, undefined, io()).from, "default", "another program's");
    assert.equal(hasConfigHere(), false);
    writeFileSync("config.toml", "this is no toml");
    assert.equal(whichRouter(undefined, undefined, io()).from, "default");
    assert.equal(hasConfigHere(), true);
  });

  test("gets its own key only", () => {
    writeFileSync("config.toml", `[server]\nport = 9001\napi_key_env = "K"\n`);
    const env = { K: "of-the-config" };
    assert.equal(whichRouter("127.0.0.1:9001", undefined, io(env)).key, "of-the-config");
    assert.equal(whichRouter("stranger.example:9001", undefined, io(env)).key, undefined);
    const named = { ...env, OPENSOURCELLMROUTER_API_KEY: "named", OTHER: "other" };
    assert.equal(whichRouter("stranger.example:9001", undefined, io(named)).key, "named");
    assert.equal(whichRouter(undefined, "OTHER", io(named)).key, "other");
    assert.throws(() => whichRouter(undefined, "ABSENT", io(named)), /--key-env names ABSENT/);
  });
});
