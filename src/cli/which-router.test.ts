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

  test("is the one named, with or without a scheme", async () => {
    const base = async (named: string) => (await whichRouter(named, undefined, io())).base;
    assert.equal(await base("http://127.0.0.1:9000/"), "http://localhost:9000");
    assert.equal(await base("localhost:9000"), "http://localhost:9000");
    assert.equal(await base("https://router.example/llm/"), "https://router.example/llm");
    assert.equal(await base("[::1]:9000"), "http://[::1]:9000");
    for (const wrong of ["", "http://", "a b", "http://u:p@h", "http://h/?x=1", "ftp://h"]) {
      await assert.rejects(base(wrong), /is not the address of a router/, wrong);
    }
  });

  test("is that of the config here, with its key, else where routers listen", async () => {
    assert.deepEqual(await whichRouter(undefined, undefined, io()), {
      base: "http://localhost:8090",
      key: undefined,
      from: "default",
    });
    writeFileSync("config.toml", `unknown = 1\n[server]\nprot = 1\nport = 9001\nhost = "0.0.0.0"\napi_key_env = "K"\n`);
    writeFileSync(".env", "K=of-the-config\n");
    assert.deepEqual(await whichRouter(undefined, undefined, io()), {
      base: "http://localhost:9001",
      key: "of-the-config",
      from: "config",
    });
    writeFileSync("config.toml", `title = "a site"\n[server.headers]\nfor = "/"\n`);
    assert.equal((await whichRouter(undefined, undefined, io())).from, "default", "another program's");
    assert.equal(hasConfigHere(), false);
    writeFileSync("config.toml", "this is no toml");
    assert.equal((await whichRouter(undefined, undefined, io())).from, "default");
    assert.equal(hasConfigHere(), true);
  });

  test("gets its own key only", async () => {
    writeFileSync("config.toml", `[server]\nport = 9001\napi_key_env = "K"\n`);
    const env = { K: "of-the-config" };
    assert.equal((await whichRouter("127.0.0.1:9001", undefined, io(env))).key, "of-the-config");
    assert.equal((await whichRouter("stranger.example:9001", undefined, io(env))).key, undefined);
    const named = { ...env, OPENSOURCELLMROUTER_API_KEY: "named", OTHER: "other" };
    assert.equal((await whichRouter("stranger.example:9001", undefined, io(named))).key, "named");
    assert.equal((await whichRouter(undefined, "OTHER", io(named))).key, "other");
    await assert.rejects(whichRouter(undefined, "ABSENT", io(named)), /--key-env names ABSENT/);
  });

  test("of several keys clients get the first that is there, and the owner the admin key", async () => {
    const keys = `api_keys_env = ["A", "B"]\nadmin_key_from = "file:admin"\n[[server.keys]]\nname = "c"\nkey_env = "C"\n`;
    writeFileSync("config.toml", `[server]\nport = 9001\n${keys}`);
    writeFileSync("admin", "the-owner-s\n");
    const key = async (whose: "client" | "owner", env = {}) =>
      (await whichRouter(undefined, undefined, io(env), whose)).key;
    assert.equal(await key("client", { B: "b", C: "c" }), "b");
    assert.equal(await key("owner", { B: "b" }), "the-owner-s");
    rmSync("admin");
    assert.equal(await key("owner", { B: "b" }), undefined, "a client's opens nothing of his");
    writeFileSync("config.toml", `[server]\nport = 9001\n[[server.keys]]\nname = "c"\nkey_env = "C"\n`);
    assert.equal(await key("owner", { C: "c" }), "c");
  });
});
