import { doesNotMatch, equal, match, ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scratch } from "../../../test/support/in-process.ts";
import { exampleLog } from "../../../test/support/replay-log.ts";
import { dispatch } from "../dispatch.ts";

const EVIL = `</script><img src=x onerror="alert(1)">'&`;

const CONFIG = `
[[providers]]
name = "laptop"
preset = "ollama"

[[providers]]
name = "cloud"
preset = "anthropic"

[[routers]]
type = "tag"
tag = "private"
provider = "cloud"
rewrite_model = "<i>"

[[routers]]
type = "fallback"
providers = ["cloud"]
`;

async function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const io = { env: {}, out: (line: string) => void out.push(line), err: (line: string) => void err.push(line) };
  return { code: await dispatch(["replay", ...words], io), out: out.join("\n"), err: err.join("\n") };
}

test("the page holds names from the log as text, and loads nothing", async (t) => {
  const folder = await scratch(t);
  const [log, config, page] = ["requests.jsonl", "config.toml", "page.html"].map((name) => join(folder, name));
  if (log === undefined || config === undefined || page === undefined) throw new Error("three paths");
  const lines = exampleLog()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  for (const line of lines) {
    line.id = `${EVIL}${line.id}`;
    line.sent_model = line.attempts[0].model = `${line.sent_model}${EVIL}`;
    line.decision[0].label = EVIL;
  }
  writeFileSync(log, lines.map((line) => JSON.stringify(line)).join("\n"));
  writeFileSync(config, CONFIG);
  const { code, err } = await run("--log", log, "--config", config, "--html", page, "--assert", "tag=private → nearby");
  equal(code, 1);
  equal(err, `${page}: written`);
  const text = readFileSync(page, "utf8");
  doesNotMatch(text, /<(?:script|img|i|link|iframe)\b/);
  doesNotMatch(text, /<[^>]*\b(?:src|href|on\w+)\s*=|url\(|@import|https?:/);
  match(text, /default-src 'none'/);
  // It is there, as text: in pictures, tables and claims.
  ok(text.split("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;").length > 10);
  match(text, /Would leave your machines: 10/);
  match(text, /prefers-color-scheme|light-dark\(/);
  for (const [, numbers = ""] of text.matchAll(/<(?:path|rect|svg)[^>]* (?:d|width|height|viewBox)="([^"]*)"/g))
    doesNotMatch(numbers, /NaN|Infinity|undefined|-\d/);
});

test("an empty log has a page, too", async (t) => {
  const folder = await scratch(t);
  writeFileSync(join(folder, "requests.jsonl"), "");
  writeFileSync(join(folder, "config.toml"), CONFIG);
  const page = join(folder, "page.html");
  const { code, out } = await run(
    ...["--log", join(folder, "requests.jsonl"), "--config", join(folder, "config.toml"), "--html", page],
  );
  equal(code, 0);
  match(out, /: 0\s+requests$/);
  doesNotMatch(readFileSync(page, "utf8"), /NaN|undefined|Infinity/);
});

test("what is wrong with the call is told with its place, and ends with 2; what is not there ends with 1", async (t) => {
  const folder = await scratch(t);
  const config = join(folder, "config.toml");
  writeFileSync(config, CONFIG);
  const asked = async (...words: string[]) =>
    run("--config", config, "--log", join(folder, "requests.jsonl"), ...words);
  const wrong = await asked("--assert", "tag=private → labtop");
  equal(wrong.code, 2);
  match(wrong.err, /--assert, character 15: .*did you mean "laptop"\?\n {2}tag=private → labtop\n {16}\^$/);
  const when = await asked("--since", "yesterday");
  equal(when.code, 2);
  match(when.err, /--since "yesterday" is no time: 7d,/);
  const none = await asked();
  equal(none.code, 1);
  match(none.err, /there is no log at .*: --log names another/);
  const nowhere = await run("--config", join(folder, "no.toml"));
  equal(nowhere.code, 2);
  match(nowhere.err, /there is no .*no.toml: --config names the config/);
});
