import { deepEqual, equal, ok } from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { exchange } from "../../../../test/support/exchange.ts";
import { FakeClock } from "../../../../test/support/fake-clock.ts";
import { type InProcessRouter, inProcess, oneProvider } from "../../../../test/support/in-process.ts";
import { httpAnswer, tcpUpstream } from "../../../../test/support/tcp-upstream.ts";
import { until } from "../../../../test/support/until.ts";
import { startUpstream } from "../../../../test/support/upstream/upstream.ts";
import { asObject, isObject, type Json, type JsonObject, objectsOf } from "../../../core/json.ts";

const KEY = "canary-key-0123456789";
const CHAT = JSON.stringify({ model: "fast", messages: [{ role: "user", content: "hi" }] });

async function providers(router: InProcessRouter): Promise<JsonObject[]> {
  const got = await exchange(`${router.url}/router/providers`);
  deepEqual([got.status, got.headers["cache-control"]], [200, "no-store"]);
  const body: Json = JSON.parse(got.body.toString());
  ok(isObject(body));
  deepEqual(Object.keys(body), ["ts_ms", "config_version", "providers"]);
  return objectsOf(body["providers"]);
}

const liveOf = (provider: JsonObject | undefined) => asObject(provider?.["live"]);

test("every provider with its settings, and nothing of its secrets", async (t) => {
  const toml = `[[providers]]
name = "cloud"
preset = "anthropic"
base_url = "http://127.0.0.1:9/base"
api_key_env = "CLOUD_KEY"
headers = { "x-secret" = "${KEY}-header" }
models = { fast = "claude-haiku-4-5" }
max_concurrency = 3
requests_per_minute = 60
latency_ms = 900
timeout = { connect_ms = 700 }
prices = { input = 3, output = 15 }

[[providers]]
name = "keyless"
preset = "openai"

[[providers]]
name = "sim"
format = "simulated"
models = ["one", "two"]

[[routers]]
type = "fallback"`;
  const router = await inProcess(t, toml, { env: { CLOUD_KEY: KEY }, clock: new FakeClock() });
  const [cloud, keyless, sim] = await providers(router);
  ok(!JSON.stringify(cloud).includes(KEY));
  const { live, ...settings } = cloud ?? {};
  deepEqual(settings, {
    name: "cloud",
    format: "anthropic",
    preset: "anthropic",
    base_url: "http://127.0.0.1:9/base/v1",
    key: { variable: "CLOUD_KEY", set: true },
    headers: ["x-secret"],
    aliases: { fast: "claude-haiku-4-5" },
    cost_per_1m_tokens: null,
    prices: { input: 3, output: 15 },
    model_prices: {},
    quality: 0,
    latency_ms: 900,
    throughput_tokens_per_sec: null,
    limits: { max_concurrency: 3, max_queue: 100, max_queue_ms: 30_000, requests_per_minute: 60 },
    timeout: { connect_ms: 700, first_byte_ms: 900_000, idle_ms: 600_000, total_ms: 3_600_000 },
  });
  deepEqual(live, {
    state: "closed",
    reason: null,
    pause_ms: 0,
    alarms: [],
    troubled_models: [],
    last_errors: [],
    in_flight: 0,
    queued: 0,
    load: { in_flight: 0, queued: 0, mean_ms: null },
    time_to_first_token: [],
    output_tokens_per_sec: [],
    error_rates: [],
    discovery: { models: 0, names: [], ago_ms: null },
  });
  deepEqual(
    [keyless?.["base_url"], keyless?.["key"], keyless?.["live"]],
    ["https://api.openai.com/v1", { variable: "OPENAI_API_KEY", set: false }, null],
  );
  deepEqual([sim?.["base_url"], sim?.["key"], sim?.["aliases"]], [null, null, {}]);
  const discovered = { models: 2, names: ["one", "two"], ago_ms: 0 };
  deepEqual([liveOf(sim)?.["load"], liveOf(sim)?.["discovery"]], [null, discovered]);
});

test("how they are: what is left alone, asked for a pause, has an alarm, waits in line, and how fast it begins", async (t) => {
  const clock = new FakeClock();
  const open: Socket[] = [];
  let answer = (): string | undefined => httpAnswer(500, "application/json", "{}");
  const upstream = await tcpUpstream(t, (socket) => {
    const text = answer();
    if (text === undefined) open.push(socket);
    else socket.write(text);
  });
  const toml = `[[providers]]
name = "a"
format = "openai"
base_url = "${upstream.origin}/v1"
max_concurrency = 1

[[providers]]
name = "sim"
format = "simulated"
ttft_ms = 0
models = ["quick"]

[[routers]]
type = "prefix"
model_prefix = "quick"
provider = "sim"

[[routers]]
type = "prefix"
model_prefix = ""
provider = "a"`;
  const router = await inProcess(t, toml, { clock });
  const ask = (model: string, stream = false) =>
    exchange(`${router.url}/v1/chat/completions`, { body: JSON.stringify({ ...JSON.parse(CHAT), model, stream }) });
  for (let at = 0; at < 5; at++) equal((await ask("broken")).status, 502);
  answer = () => httpAnswer(429, "application/json", "{}", ["retry-after: 40"]);
  equal((await ask("held")).status, 429);
  answer = () => httpAnswer(401, "application/json", "{}");
  equal((await ask("refused")).status, 502);
  answer = () => undefined;
  const hanging = [ask("waits"), ask("waits")];
  await until(() => upstream.requests.length === 8, "one to be sent");
  await until(() => router.starts().length === 9, "the other to wait");
  clock.advance(400);
  const [a] = await providers(router);
  const live = liveOf(a);
  deepEqual([live?.["state"], live?.["reason"], live?.["pause_ms"]], ["closed", null, 0]);
  deepEqual(live?.["alarms"], [
    { alarm: "credential", model: "refused", reason: "credential (401)", times: 1, ago_ms: 400 },
  ]);
  const why = "5 failures in a row, the last: target (500)";
  deepEqual(live?.["troubled_models"], [
    { model: "broken", state: "open", reason: why, pause_ms: 600, hold_ms: 0 },
    { model: "held", state: "closed", reason: null, pause_ms: 0, hold_ms: 39_600 },
  ]);
  deepEqual(live?.["load"], { in_flight: 1, queued: 1, mean_ms: 0 });
  deepEqual([live?.["in_flight"], live?.["queued"]], [1, 1]);
  const failed = { model: "broken", kind: "target", status: 500, message: "target (500)", ts_ms: 0 };
  deepEqual(live?.["last_errors"], [
    { model: "refused", kind: "credential", status: 401, message: "credential (401)", ts_ms: 0 },
    { model: "held", kind: "rate-limit", status: 429, message: "rate-limit (429)", ts_ms: 0 },
    ...Array.from({ length: 5 }, () => failed),
  ]);
  answer = () => httpAnswer(500, "application/json", "{}");
  for (const socket of open) socket.write(answer() ?? "");
  await Promise.all(hanging);
  const [after] = await providers(router);
  deepEqual([liveOf(after)?.["in_flight"], liveOf(after)?.["queued"]], [0, 0]);
});

test("how fast streams are, and how many requests a provider has that has no limits", async (t) => {
  const upstream = await startUpstream("openai");
  t.after(() => upstream.close());
  const router = await inProcess(t, oneProvider("openai", upstream.url));
  const body = JSON.stringify({ ...JSON.parse(CHAT), stream: true, stream_options: { include_usage: true } });
  const ask = () => exchange(`${router.url}/v1/chat/completions`, { body });
  upstream.answer({ text: "one more two more three", stream: { paceMs: 30 }, usage: { input: 5, output: 40 } });
  const asking = ask();
  await until(() => router.starts().length === 1, "it to begin");
  equal(liveOf((await providers(router))[0])?.["in_flight"], 1);
  await asking;
  const live = liveOf((await providers(router))[0]);
  equal(live?.["in_flight"], 0);
  const [speed] = objectsOf(live?.["output_tokens_per_sec"]);
  deepEqual([speed?.["model"], speed?.["samples"]], ["fast", 1]);
  const perSecond = Number(speed?.["p50"]);
  ok(perSecond > 10 && perSecond < 450, String(perSecond));
});

test("the time to the first token comes from streams", async (t) => {
  const toml = `[[providers]]\nname = "sim"\nformat = "simulated"\nttft_ms = 0\n[[routers]]\ntype = "fallback"`;
  const router = await inProcess(t, toml);
  const body = JSON.stringify({ ...JSON.parse(CHAT), stream: true });
  for (let at = 0; at < 20; at++) equal((await exchange(`${router.url}/v1/chat/completions`, { body })).status, 200);
  const [sim] = await providers(router);
  const [measured] = objectsOf(liveOf(sim)?.["time_to_first_token"]);
  deepEqual([measured?.["model"], measured?.["samples"]], ["fast", 20]);
  for (const key of ["p50_ms", "p95_ms"]) ok(Number.isInteger(measured?.[key]), key);
});
