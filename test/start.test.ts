import { deepEqual, equal, match, ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { builtOf, looksOf } from "../scripts/built-of.ts";

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
    ok(kept > 0, `${kept} files`);
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
    ok(filesIn(other) > 0);
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

/** A checkout in small, just built: what it runs says what it is. */
function checkout(context: TestContext): { folder: string; runs: () => string } {
  const folder = mkdtempSync(join(tmpdir(), "checkout-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["bin", "dist", "node_modules", "scripts", "skeletons/rule", "src/cli", "tui/dist", "web/dist"])
    mkdirSync(join(folder, name), { recursive: true });
  for (const name of ["opensourcellmrouter.cjs", "start.cjs"])
    copyFileSync(join(root, "bin", name), join(folder, "bin", name));
  const files = {
    "package.json": '{ "type": "module" }',
    "package-lock.json": "{}",
    "node_modules/.package-lock.json": "{}",
    "skeletons/rule/rule.ts": "",
    "src/cli/main.ts": 'console.log("sources");',
    "src/cli/deep.ts": "",
    "src/cli/deep.test.ts": "",
    "dist/main.js": 'console.log("built");',
    "tui/dist/tui.js": "",
    "web/dist/index.html": "",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  builtOf(folder, looksOf(folder));
  const env = { PATH: dirname(process.execPath), NODE_DISABLE_COMPILE_CACHE: "1" };
  const runs = () => execFileSync(process.execPath, [join(folder, "bin/start.cjs")], { env, encoding: "utf8" }).trim();
  return { folder, runs };
}

describe("a checkout runs what was built", () => {
  test("of its sources as they are", (context) => {
    const { folder, runs } = checkout(context);
    equal(runs(), "built");
    // Of no test is anything built.
    writeFileSync(join(folder, "src/cli/deep.test.ts"), "changed");
    equal(runs(), "built");
  });

  test("not once a source was changed, or is gone, until it is built again", (context) => {
    const { folder, runs } = checkout(context);
    const file = join(folder, "src/cli/deep.ts");
    writeFileSync(file, "let changed;");
    equal(runs(), "sources");
    builtOf(folder, looksOf(folder));
    equal(runs(), "built");
    rmSync(file);
    equal(runs(), "sources");
  });

  test("not when a source is another of the same size, be it older", (context) => {
    const { folder, runs } = checkout(context);
    const before = new Date(Date.now() - 86_400_000);
    utimesSync(join(folder, "src/cli/deep.ts"), before, before);
    equal(runs(), "sources");
  });

  test("not when a source of the same time has another size", (context) => {
    const { folder, runs } = checkout(context);
    const file = join(folder, "src/cli/deep.ts");
    const at = new Date(1_700_000_000_000);
    utimesSync(file, at, at);
    builtOf(folder, looksOf(folder));
    writeFileSync(file, "// longer");
    utimesSync(file, at, at);
    equal(runs(), "sources");
  });

  for (const name of ["package.json", "package-lock.json", "node_modules/.package-lock.json", "skeletons/rule/rule.ts"])
    test(`not with another ${name}`, (context) => {
      const { folder, runs } = checkout(context);
      writeFileSync(join(folder, name), '{ "type": "module", "name": "changed" }');
      equal(runs(), "sources");
    });

  for (const name of ["web/dist/index.html", "tui/dist/tui.js"])
    test(`not when ${name} was built by itself since`, (context) => {
      const { folder, runs } = checkout(context);
      writeFileSync(join(folder, name), "built anew");
      equal(runs(), "sources");
    });

  test("not what changed while it was built, nor what was not built to its end", (context) => {
    const { folder, runs } = checkout(context);
    const before = looksOf(folder);
    writeFileSync(join(folder, "src/cli/deep.ts"), "let changed;");
    builtOf(folder, before);
    equal(runs(), "sources");
    rmSync(join(folder, "dist/built-of.json"));
    equal(runs(), "sources");
  });

  test("wherever there are no sources", (context) => {
    const { folder, runs } = checkout(context);
    rmSync(join(folder, "src"), { recursive: true });
    rmSync(join(folder, "dist/built-of.json"));
    equal(runs(), "built");
  });
});

test("what the router runs with does not load what fetch is made of, nor undici", () => {
  const script = `
    await import("./src/cli/run.ts");
    await import("./src/cli/workers/worker/serving-worker.ts");
    const { createRequire } = await import("node:module");
    const own = process.moduleLoadList.filter((name) => name.includes("deps/undici/undici"));
    const installed = Object.keys(createRequire("/").cache).filter((file) => /[\\\\/]undici[\\\\/]/.test(file));
    console.log(JSON.stringify([...own, ...installed]));
  `;
  const args = ["--input-type=module", "-e", script];
  equal(execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" }), "[]\n");
});

test("help and version load nothing that checks a config", () => {
  const script = `
    const { registerHooks } = await import("node:module");
    const asked = [];
    registerHooks({ resolve: (name, context, next) => (asked.push(name), next(name, context)) });
    await import("./src/cli/command-line.ts");
    console.log(JSON.stringify([asked.length > 20, asked.filter((name) => name === "zod" || name === "smol-toml")]));
  `;
  const args = ["--input-type=module", "-e", script];
  equal(execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" }), "[true,[]]\n");
});
