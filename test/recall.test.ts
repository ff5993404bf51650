import assert from "node:assert/strict";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type InProcessRouter, scratch, startInProcess } from "./support/in-process.ts";
import { until } from "./support/until.ts";

const config = (path: string, more = "") => `
[logging]
enabled = true
index = false
path = "${path}"
[failover]
max_attempts = 2
retry_share = 1
[breaker]
enabled = false
[[providers]]
name = "bad"
format = "simulated"
quality = 90
error_rate = 1
${more}
[[providers]]
name = "good"
format = "simulated"
quality = 50
prices = { input = 1, output = 9, cached_read = 0.1 }
[[routers]]
type = "latency"
when = { header = { "x-by" = "latency" } }
[[routers]]
type = "fallback"
quality_bias = 1
`;

const HISTORY = [
  { role: "user", content: "hello" },
  { role: "assistant", content: "hello yourself" },
  { role: "user", content: "how are you?" },
];

async function ask({ url }: InProcessRouter): Promise<void> {
  const body = JSON.stringify({ model: "m", messages: HISTORY });
  const response = await fetch(`${url}/v1/chat/completions`, { method: "POST", body });
  assert.equal(response.status, 200, await response.text());
}

/** What the rule that decides compared: `good: …`. */
async function compared({ url }: InProcessRouter, by = ""): Promise<string> {
  const body = JSON.stringify({ model: "m", messages: HISTORY });
  const headers = { "x-by": by };
  const run = JSON.parse(await (await fetch(`${url}/router/route`, { method: "POST", headers, body })).text());
  const verdict = run.verdicts.find(({ outcome }: { outcome: string }) => outcome === "chosen") ?? run.verdicts[0];
  return verdict.compared.map((one: { provider: string; note: string }) => `${one.provider}: ${one.note}`).join("; ");
}

async function start(t: TestContext, toml: string): Promise<InProcessRouter> {
  const router = await startInProcess(toml, { recording: true });
  t.after(() => router.close());
  return router;
}

/** A log of twenty exchanges, as a router leaves it. */
async function logOf(t: TestContext): Promise<string> {
  const path = join(await scratch(t), "requests.jsonl");
  const router = await start(t, config(path));
  for (let turn = 0; turn < 20; turn++) await ask(router);
  await router.completed(20);
  await router.close();
  return path;
}

test("what was measured before a restart is known after it, from the log", async (t) => {
  const path = await logOf(t);
  // Half a record, as a crash leaves it, and what is none of the router's.
  const records = await readFile(path, "utf8");
  await writeFile(path, `not a record\n${records}${records.slice(0, 300)}`);
  const router = await start(t, config(path));
  await until(async () => (await compared(router, "latency")).includes("measured"), "latencies are known");
  assert.match(await compared(router, "latency"), /^good: [\d.]+ ms \(measured, 20 answers\); bad: no latency_ms/);
  const told = await compared(router);
  assert.match(told, /bad: quality 90, 100 % of 20 requests failed/);
  // The answer will be as long as those before.
  const { usage } = JSON.parse(records.split("\n")[0] ?? "");
  assert.match(told, new RegExp(`good: quality 50, .*in, about ${usage.output_tokens} out`));
  await ask(router);
  const [complete] = await router.completed(1);
  assert.equal(complete?.attempts[0]?.provider, "good");
  assert.equal(complete?.decision[1]?.["reason"], "stays: its conversation was answered there");
});

test("a provider that is somewhere else by now begins anew; with logging off, all do", async (t) => {
  const path = await logOf(t);
  const records = (await readFile(path, "utf8")).trimEnd().split("\n");
  const moved = records.map((record) => record.replaceAll(/"place":"[0-9a-f]{8}"/g, '"place":"ffffffff"'));
  await writeFile(path, `${moved.join("\n")}\n`);
  const last = JSON.parse(records.at(-1) ?? "");
  // One that is the same ends the log, so that it is known when all of it was read.
  const whole = { ...last, requested_model: "other", attempts: last.attempts.slice(-1) };
  await appendFile(path, `${Array(5).fill(JSON.stringify(whole)).join("\n")}\n`);
  const router = await start(t, config(path));
  await until(async () => (await compared(router, "latency")).includes("measured, 5 answers"), "the last are known");
  assert.doesNotMatch(await compared(router), /failed/);
  const off = await start(t, config(path).replace("enabled = true", "enabled = false"));
  await ask(off);
  assert.doesNotMatch(await compared(off, "latency"), /measured,/);
});
