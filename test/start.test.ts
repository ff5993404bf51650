import { deepEqual, equal, match, ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, type TestContext, test } from "node:test";

const root = join(import.meta.dirname, "..");

/** The program by its starter, from an environment with nothing but a cache; what it printed. */
function version(cache: string, env: Record<string, string> = {}): string {
  const args = [join(root, "bin/opensourcellmrouter.cjs"), "--version"];
  const clean = { PATH: dirname(process.execPath), HOME: dirname(cache), XDG_CACHE_HOME: cache, ...env };
  return execFileSync(process.execPath, args, { env: clean, encoding: "utf8" });
}

/** A folder for caches, which is not there yet, and the one the program makes in it. */
function caches(context: TestContext): { cache: string; own: string } {
  const work = mkdtempSync(join(tmpdir(), "start-"));
  context.after(() => rmSync(work, { recursive: true, force: true }));
  return { cache: join(work, "cache"), own: join(work, "cache", "opensourcellmrouter") };
}

/** How many files there are in a folder. */
function filesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
}

describe("what was compiled is kept for the next start", () => {
  test("in a folder of the user's cache that nobody else can look into", (context) => {
    const { cache, own } = caches(context);
    match(version(cache), /^\d+\.\d+\.\d+\n$/);
    const kept = filesIn(own);
    ok(kept > 10, `${kept} files`);
    if (process.platform !== "win32") equal(statSync(own).mode & 0o777, 0o700);
    version(cache);
    equal(filesIn(own), kept);
  });

  test("not where Node is told to keep nothing", (context) => {
    const { cache, own } = caches(context);
    match(version(cache, { NODE_DISABLE_COMPILE_CACHE: "1" }), /^\d/);
    equal(existsSync(own), false);
  });

  test("where Node's own variable says, when it is set", (context) => {
    const { cache, own } = caches(context);
    const other = join(dirname(cache), "other");
    match(version(cache, { NODE_COMPILE_CACHE: other }), /^\d/);
    ok(filesIn(other) > 10);
    equal(existsSync(own), false);
  });

  test("not in a folder that others can write to, by itself or by the one above it", (context) => {
    const { cache, own } = caches(context);
    mkdirSync(own, { recursive: true, mode: 0o700 });
    chmodSync(own, 0o777);
    match(version(cache), /^\d/);
    deepEqual(readdirSync(own), []);
    chmodSync(own, 0o700);
    chmodSync(cache, 0o777);
    match(version(cache), /^\d/);
    deepEqual(readdirSync(own), []);
  });

  test("nowhere, when there can be no such folder", (context) => {
    const { cache } = caches(context);
    writeFileSync(cache, "a file");
    match(version(cache), /^\d/);
  });
});

test("what the router runs with does not load what fetch is made of, nor the whole of undici", () => {
  const script = `
    await import("./src/cli/run.ts");
    await import("./src/cli/workers/worker/serving-worker.ts");
    const { createRequire } = await import("node:module");
    const own = process.moduleLoadList.filter((name) => name.includes("deps/undici/undici"));
    const installed = Object.keys(createRequire("/").cache).filter((file) => /[\\\\/]undici[\\\\/](index|lib[\\\\/]web[\\\\/]fetch[\\\\/]index)[.]js$/.test(file));
    console.log(JSON.stringify([...own, ...installed]));
  `;
  const args = ["--input-type=module", "-e", script];
  equal(execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" }), "[]\n");
});
