import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inProcess, scratch } from "../../../test/support/in-process.ts";
import { seededRandom } from "../../core/seeded-random.ts";
import type { ReplayReport } from "../../replay/report.ts";
import { dispatch } from "../dispatch.ts";

const PROVIDERS = `
[[providers]]
name = "near"
format = "simulated"
ttft_ms = 1
tokens_per_s = 100000
latency_ms = 30
quality = 40
cost_per_1m_tokens = 0

[[providers]]
name = "far"
format = "simulated"
ttft_ms = 3
tokens_per_s = 100000
latency_ms = 20
quality = 90
prices = { input = 3, output = 15, cached_read = 0.3 }

[[providers]]
name = "shaky"
format = "simulated"
ttft_ms = 1
tokens_per_s = 100000
error_rate = 0.4
latency_ms = 10
quality = 50
cost_per_1m_tokens = 1
`;

const RULES = `
[classifiers.keyword]
enabled = true

[classifiers.keyword.tags]
private = ["secret"]

[[routers]]
type = "tag"
tag = "private"
provider = "near"

[[routers]]
type = "match"
provider = "far"
min_input_tokens = 2000

[[routers]]
type = "match"
provider = "near"
header = { "x-team" = "interns" }

[[routers]]
type = "random"
providers = ["near", "shaky"]
when = { model = "any-*" }

[[routers]]
type = "weighted"
targets = [{ provider = "near", weight = 2 }, { provider = "far", weight = 1 }]
when = { model = "share-*" }

[[routers]]
type = "latency"
when = { model = "quick-*" }

[[routers]]
type = "price"
when = { model = "cheap-*" }

[[routers]]
type = "fallback"
when = { model = "good-*" }
`;

const SERVER = (log: string) => `
[server]
port = 0

[logging]
enabled = true
index = false
path = ${JSON.stringify(log)}

[failover]
max_attempts = 3
`;

interface Ran {
  code: number;
  out: string[];
  err: string[];
}

async function run(...words: string[]): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const io = { env: {}, out: (line: string) => void out.push(line), err: (line: string) => void err.push(line) };
  const code = await dispatch(["replay", ...words], io);
  return { code, out, err };
}

async function reportOf(...words: string[]): Promise<ReplayReport> {
  const { out } = await run(...words, "--json");
  return JSON.parse(out.join("\n"));
}

/** Requests of every kind, in conversations that go on. */
async function ask(url: string, index: number, random: () => number): Promise<void> {
  const models = ["any-m", "share-m", "quick-m", "cheap-m", "good-m", "nobody-m"];
  const model = models[Math.floor(random() * models.length)] ?? "any-m";
  const session = `s${index % 7}`;
  const words = random() < 0.15 ? "it is secret" : random() < 0.15 ? "long ".repeat(2_500) : "hello";
  const history = Array.from({ length: 2 * (index % 3) }, (_, at) => ({
    role: at % 2 === 0 ? "user" : "assistant",
    content: `turn ${at} of ${session}`,
  }));
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(random() < 0.2 && { "x-team": "interns" }) },
    body: JSON.stringify({
      model,
      stream: random() < 0.5,
      user: session,
      messages: [...history, { role: "user", content: words }],
    }),
  });
  await response.text();
}

test("under the config it was written with, every decision of a log is made again", async (t) => {
  const folder = await scratch(t);
  const [log, config] = [join(folder, "requests.jsonl"), join(folder, "config.toml")];
  writeFileSync(config, SERVER(log) + PROVIDERS + RULES);
  const router = await inProcess(t, readFileSync(config, "utf8"), { recording: true, random: seededRandom(7) });
  const random = seededRandom(11);
  for (let index = 0; index < 90; index += 3)
    await Promise.all([0, 1, 2].map((more) => ask(router.url, index + more, random)));
  await router.settled();
  await router.close();

  const report = await reportOf("--config", config);
  deepEqual(report.same_config, { exchanges: 90, alike: 90 });
  deepEqual([report.moved.exchanges, report.unsure.exchanges, report.without_routing], [0, 0, 0]);
  // Else it would be no feat.
  const answered = report.places.filter(({ was }) => was.exchanges > 0).map(({ provider }) => provider);
  deepEqual([...new Set(answered)].sort(), ["far", "near", "shaky"]);
  const rules = readFileSync(log, "utf8")
    .split("\n")
    .flatMap((line) => /"label":"(\w+)[^}]*"outcome":"chosen"/.exec(line)?.[1] ?? []);
  ok(new Set(rules).size >= 7, String(new Set(rules)));
  equal(report.log.exchanges, 90);
  ok(report.refused.was > 3 && report.refused.now === report.refused.was);
  ok(Math.abs(report.cost.was_usd - report.cost.now_usd) < 1e-9 && report.cost.was_usd > 0);

  const { code, out } = await run("--config", config);
  equal(code, 0);
  ok(
    out.some((line) => line.includes("100 % of these decisions come out the same")),
    out.join("\n"),
  );
});
