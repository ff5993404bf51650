import assert from "node:assert/strict";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { scratch } from "../../../test/support/in-process.ts";
import { pathText } from "../problem.ts";
import { fetchKeys } from "./fetch-keys.ts";
import { wordsOf } from "./words.ts";

const node = JSON.stringify(process.execPath);

/** What one source gives. */
async function fetched(source: string, folder: string, env: Record<string, string> = {}) {
  if (source.startsWith("exec:")) await writeFile(join(folder, "config.toml"), "", { mode: 0o600 });
  const raw = { providers: [{ name: "p" }, { name: "q", api_key_from: source }] };
  const { env: after, problems, failed } = await fetchKeys(raw, join(folder, "config.toml"), env);
  return { key: after[source], problems: problems.map(({ path, message }) => `${pathText(path)}: ${message}`), failed };
}

test("a file's content, from beside the config, without the blanks around it", async (t) => {
  const folder = await scratch(t);
  await writeFile(join(folder, "key"), "  the-key\r\n", { mode: 0o600 });
  assert.deepEqual(await fetched("file:key", folder), { key: "the-key", problems: [], failed: [] });
  assert.equal((await fetched(`file:${join(folder, "key")}`, "/")).key, "the-key");
});

test("a file that others can read works, and is warned of", { skip: process.platform === "win32" }, async (t) => {
  const folder = await scratch(t);
  await writeFile(join(folder, "key"), "the-key");
  await chmod(join(folder, "key"), 0o644);
  const { key, problems } = await fetched("file:key", folder);
  assert.equal(key, "the-key");
  assert.match(
    problems.join(),
    /^providers\[1\]\.api_key_from: .*key may be read by others on this machine: chmod 600 it$/,
  );
});

test("what a command prints; it gets words, the environment, and no shell", async (t) => {
  const folder = await scratch(t);
  const { key } = await fetched(`exec:${node} -p "process.argv[1] + process.env.MORE" '$HOME *'`, folder, {
    MORE: "!",
  });
  assert.equal(key, "$HOME *!");
  assert.deepEqual(wordsOf(` a  "b c"d 'e "f"' C:\\x "" `), ["a", "b cd", 'e "f"', "C:\\x", ""]);
});

test("a command is not run from a config that others can write", { skip: process.platform === "win32" }, async (t) => {
  const folder = await scratch(t);
  const config = join(folder, "config.toml");
  await writeFile(config, "");
  await chmod(config, 0o666);
  const raw = { server: { admin_key_from: `exec:${node} -e "fs.writeFileSync('ran', '')"` } };
  const { problems, failed } = await fetchKeys(raw, config, {});
  assert.equal(failed.length, 1);
  assert.match(
    problems[0]?.message ?? "",
    /is not run, as somebody else .*config\.toml can be written by everybody: chmod o-w/,
  );
  await assert.rejects(readFile(join(folder, "ran")), /ENOENT/);
});

test("what gives no key says why, and nothing of what it holds", async (t) => {
  const folder = await scratch(t);
  await writeFile(join(folder, "two"), "canary-1\ncanary-2\n", { mode: 0o600 });
  await writeFile(join(folder, "empty"), " \n", { mode: 0o600 });
  await writeFile(join(folder, "large"), "canary".repeat(20_000), { mode: 0o600 });
  await mkdir(join(folder, "folder"));
  const cases: [string, RegExp][] = [
    ["file:none", /none: no such file$/],
    ["file:two", /has 2 lines: it must be the key and nothing else$/],
    ["file:empty", /there is nothing in it$/],
    ["file:large", /large is too large to be a key$/],
    ["file:folder", /folder is not a file$/],
    ["exec:no-such-program-canary-arg canary", /no-such-program-canary-arg is no program that can be found$/],
    [`exec:${node} -e "console.error('canary'); process.exit(3)"`, /ended with exit code 3$/],
    [`exec:${node} -e "process.stdout.write('canary'.repeat(100000))"`, /said too much for a key$/],
    [`exec:${node} -e "process.kill(process.pid, 'SIGTERM')"`, /was ended by SIGTERM$/],
    [`exec:${node} -e "process.stdin.on('end', () => {}).resume()"`, /there is nothing in it$/],
  ];
  await Promise.all(
    cases.map(async ([source, reason]) => {
      const { key, problems, failed } = await fetched(source, folder);
      assert.deepEqual([key, failed], [undefined, [source]], source);
      assert.match(problems.join(), reason);
      assert.doesNotMatch(problems.join().replace("no-such-program-canary-arg", ""), /canary/);
    }),
  );
});

test("a source is fetched once, for whoever names it; a config without any starts nothing", async (t) => {
  const folder = await scratch(t);
  const source = `exec:${node} -e "require('fs').appendFileSync('runs', 'x'); console.log('the-key')"`;
  const raw = {
    server: { admin_key_from: source, keys: [{ key_from: source }, { key_from: "env:X" }, "wrong"] },
    providers: [{ api_key_from: source }],
  };
  await writeFile(join(folder, "config.toml"), "", { mode: 0o600 });
  const { env } = await fetchKeys(raw, join(folder, "config.toml"), { A: "1" });
  assert.deepEqual(env, { A: "1", [source]: "the-key" });
  const again = await fetchKeys({ server: { keys: [] }, providers: 3 }, join(folder, "config.toml"), env);
  assert.equal(again.env, env);
  assert.equal(await readFile(join(folder, "runs"), "utf8"), "x");
});
