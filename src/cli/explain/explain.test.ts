import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Cleanup, inProcess, scratch } from "../../../test/support/in-process.ts";
import { until } from "../../../test/support/until.ts";
import { tryParseJson } from "../../core/json.ts";
import { dispatch } from "../dispatch.ts";

const CONFIG = `
[[providers]]
name = "home"
format = "simulated"
quality = 40

[[providers]]
name = "cloud"
format = "simulated"
quality = 90
cost_per_1m_tokens = 5

[classifiers.keyword]
enabled = true
[classifiers.keyword.tags]
private = ["secret"]

[[routers]]
type = "tag"
tag = "private"
provider = "home"

[[routers]]
type = "fallback"
quality_bias = 0.9
`;

/** A router that writes its log, two configs beside it, and what `explain` prints. */
async function setUp(t: Cleanup) {
  const folder = await scratch(t);
  const log = join(folder, "requests.jsonl");
  const logging = `[logging]\nenabled = true\npath = ${JSON.stringify(log)}\n`;
  const same = join(folder, "same.toml");
  const other = join(folder, "other.toml");
  writeFileSync(same, logging + CONFIG);
  writeFileSync(other, logging + CONFIG.replace("quality_bias = 0.9", "quality_bias = 0"));
  const router = await inProcess(t, logging + CONFIG, { recording: true });
  const explained = async (...args: string[]): Promise<string> => {
    const lines: string[] = [];
    const io = { env: {}, out: (line: string) => void lines.push(line), err: (line: string) => void lines.push(line) };
    equal(await dispatch(["explain", ...args], io), 0, lines.join("\n"));
    return lines.join("\n");
  };
  return { router, explained, same, other, log };
}

test("a request to be: by a router that runs, and by a config alone", async (t) => {
  const { router, explained, same } = await setUp(t);
  const asked = ["--model", "m", "--prompt", "a secret"];
  const live = await explained(router.url, ...asked);
  match(live, /^m → home\n/);
  match(live, /1 ✓ tag "private" → home/);
  const open = await explained(router.url, "--model", "m", "--prompt", "hello");
  match(open, /^m → cloud\n/);
  match(open, /▸ cloud\/m: quality 90, 5 for 1M tokens\n\s+home\/m: quality 40, no price known/);
  match(open, /1 cloud\/m · the decision\n 2 home\/m · the same rule/);
  const alone = await explained("--config", same, ...asked);
  match(alone, /^m → home\n/);
  match(alone, /Decided here by \S+same\.toml alone/);
  equal((await router.completed(0)).length, 0, "something was sent");
});

test("a whole request of another API, as JSON for programs", async (t) => {
  const { router, explained } = await setUp(t);
  const file = join(await scratch(t), "body.json");
  writeFileSync(file, JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "a secret" }] }));
  const run = tryParseJson(await explained(router.url, "--body", file, "--client", "anthropic", "--json"));
  ok(run && typeof run === "object" && !Array.isArray(run));
  deepEqual([run["client"], run["tags"]], ["anthropic", ["private"]]);
});

test("a past request is derived again: the same by its config, what is different by another", async (t) => {
  const { router, explained, same, other, log } = await setUp(t);
  await fetch(`${router.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "hello" }] }),
  }).then((response) => response.text());
  const [{ id = "" } = {}] = await router.completed(1);
  await until(() => existsSync(log) && readFileSync(log, "utf8").includes(id), "the record to be in the log");
  const again = await explained("--id", id.slice(0, 8), "--config", same);
  match(again, /^m → cloud\n/);
  match(again, /Derived again by \S+ from what is recorded: the same/);
  const now = await explained("--id", id, "--config", other);
  match(now, /By \S+other\.toml now: m → home/);
});

test("what cannot be explained is refused with what to do", async (t) => {
  const { router } = await setUp(t);
  const refused = async (...args: string[]): Promise<string> => {
    const said: string[] = [];
    const io = { env: {}, out: () => undefined, err: (line: string) => void said.push(line) };
    ok((await dispatch(["explain", ...args], io)) > 0);
    return said.join("\n");
  };
  match(await refused(router.url), /--prompt TEXT \(with --model\), --body FILE, or --id ID/);
  match(await refused(router.url, "--prompt", "x"), /--prompt needs --model/);
  match(await refused(router.url, "--model", "m", "--body", "/nowhere.json"), /--body \/nowhere\.json cannot be read/);
  match(await refused(router.url, "--id", "00000000"), /no exchange "00000000" was found/);
});
