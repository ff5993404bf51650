import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { exchange } from "../../../../test/support/exchange.ts";
import { type Cleanup, type InProcessRouter, inProcess, scratch } from "../../../../test/support/in-process.ts";
import { post, rawClient } from "../../../../test/support/raw-client.ts";
import { until } from "../../../../test/support/until.ts";
import { startUpstream } from "../../../../test/support/upstream/upstream.ts";

import { type ExchangeRow, exchangeDetailSchema, exchangePageSchema } from "../../../api/exchanges.ts";
import { type Stats, statsSchema } from "../../../api/stats.ts";
import type { CompleteEvent } from "../../../record/events.ts";

const CHAIN = `[classifiers.keyword]
enabled = true
tags = { code = ["code"], private = ["secret"] }

[[providers]]
name = "good"
format = "simulated"
prices = { input = 3, output = 15 }

[[providers]]
name = "broken"
format = "simulated"
error_rate = 1
errors = [500]

[[providers]]
name = "slow"
format = "simulated"
ttft_ms = 60000

[[routers]]
type = "prefix"
model_prefix = "bad"
provider = "broken"

[[routers]]
type = "prefix"
model_prefix = "slow"
provider = "slow"

[[routers]]
type = "tag"
tag = "code"
provider = "good"
rewrite_model = "coder"

[[routers]]
type = "prefix"
model_prefix = "gpt"
provider = "good"`;

const text = (response: { body: Buffer }) => response.body.toString();

/** A router with its log, and requests of every kind and end in it. */
async function busy(t: Cleanup): Promise<{ router: InProcessRouter; log: string }> {
  const log = join(await scratch(t), "requests.jsonl");
  const toml = `[server]\ndashboard = true\n[logging]\nenabled = true\npath = ${JSON.stringify(log)}\n${CHAIN}`;
  const router = await inProcess(t, toml, { recording: true });
  const ask = (model: string, content: string, agent: string, stream = false) =>
    exchange(`${router.url}/v1/chat/completions`, {
      headers: { "user-agent": agent, "session-id": `s-${agent}` },
      body: JSON.stringify({ model, stream, messages: [{ role: "user", content }] }),
    });
  for (let turn = 0; turn < 9; turn++) await ask(`gpt-${turn % 3}`, `question ${turn}`, "curl/8", turn % 2 === 0);
  for (let turn = 0; turn < 4; turn++) await ask("gpt-5", `my code and secret ${turn}`, "OpenAI/JS 7.57.0");
  for (let turn = 0; turn < 3; turn++) await ask("bad", "will fail", "curl/8");
  await ask("nobody", "no rule takes it", "curl/8");
  const messages = { model: "gpt-5", max_tokens: 9, messages: [{ role: "user", content: "code" }] };
  await exchange(`${router.url}/v1/messages`, { body: JSON.stringify(messages) });
  const slow = JSON.stringify({ model: "slow", stream: true, messages: [{ role: "user", content: "leaves" }] });
  const leaver = await rawClient(router.url, post("/v1/chat/completions", slow));
  await until(() => router.starts().length === 19, "the last to begin");
  leaver.socket.destroy();
  await router.completed(19);
  await router.store?.caughtUp();
  return { router, log };
}

async function linesOf(log: string): Promise<CompleteEvent[]> {
  const lines = (await readFile(log, "utf8")).trimEnd().split("\n");
  return lines.map((line): CompleteEvent => JSON.parse(line));
}

const sum = (events: readonly CompleteEvent[], of: (event: CompleteEvent) => number | null | undefined) =>
  events.reduce((total, event) => total + (of(event) ?? 0), 0);

/** What can be counted exactly, from the lines of the log alone. */
function counted(events: readonly CompleteEvent[]) {
  const failed = events.filter(({ outcome }) => outcome !== "ok" && outcome !== "client-gone");
  return {
    requests: events.length,
    errors: failed.length,
    client_gone: events.filter(({ outcome }) => outcome === "client-gone").length,
    input_tokens: sum(events, ({ usage }) => usage?.input_tokens),
    output_tokens: sum(events, ({ usage }) => usage?.output_tokens),
    cost_usd: sum(events, ({ cost }) => cost.usd),
  };
}

function exact(total: Stats["total"]) {
  const { requests, errors, client_gone, input_tokens, output_tokens, cost_usd } = total;
  return { requests, errors, client_gone, input_tokens, output_tokens, cost_usd };
}

function near(one: ReturnType<typeof counted>, other: ReturnType<typeof counted>, what: string): void {
  const { cost_usd: cost, ...counts } = one;
  const { cost_usd: otherCost, ...otherCounts } = other;
  deepEqual(counts, otherCounts, what);
  ok(Math.abs(cost - otherCost) < 1e-9, `${what}: ${cost} ${otherCost}`);
}

const KEYS: Record<string, (event: CompleteEvent) => string[]> = {
  provider: ({ provider }) => [provider ?? "(none)"],
  model: ({ sent_model, requested_model }) => [sent_model ?? requested_model],
  tag: ({ tags }) => (tags.length === 0 ? ["(none)"] : tags),
  client: ({ agent, client }) => [agent ?? client],
  rule: ({ decision }) => [String(decision.find(({ outcome }) => outcome === "chosen")?.["label"] ?? "(none)")],
};

async function list(
  router: InProcessRouter,
  query: string,
): Promise<{ exchanges: ExchangeRow[]; next: string | null }> {
  const got = await exchange(`${router.url}/router/exchanges?${query}`);
  equal(got.status, 200, text(got));
  return exchangePageSchema.parse(JSON.parse(text(got)));
}

describe("what was", () => {
  test("stats are the sums of the log's lines, whatever they are grouped by", async (t) => {
    const { router, log } = await busy(t);
    const events = await linesOf(log);
    for (const [by, keysOf] of Object.entries(KEYS)) {
      const got = await exchange(`${router.url}/router/stats?by=${by}`);
      equal(got.headers["cache-control"], "no-store");
      const stats = statsSchema.parse(JSON.parse(text(got)));
      near(exact(stats.total), counted(events), "total");
      const keys = [...new Set(events.flatMap(keysOf))].toSorted();
      deepEqual(stats.groups.map(({ key }) => key).toSorted(), keys, by);
      for (const { key, total, points } of stats.groups) {
        near(exact(total), counted(events.filter((event) => keysOf(event).includes(key))), `${by} ${key}`);
        equal(
          points.reduce((requests, point) => requests + point.requests, 0),
          total.requests,
        );
      }
      equal(
        stats.flows.reduce((requests, flow) => requests + flow.requests, 0),
        events.length,
      );
    }
  });

  test("lists are the log's lines, newest first, filtered, searched and in pages", async (t) => {
    const { router, log } = await busy(t);
    const events = (await linesOf(log)).toReversed();
    const ids = (of: readonly { id: string }[]) => of.map(({ id }) => id);
    deepEqual(ids((await list(router, "")).exchanges), ids(events));
    const filters: [string, (event: CompleteEvent) => boolean][] = [
      ["provider=broken", ({ provider }) => provider === "broken"],
      ["model=coder", ({ sent_model }) => sent_model === "coder"],
      ["model=gpt-1", ({ requested_model }) => requested_model === "gpt-1"],
      ["client=anthropic", ({ client }) => client === "anthropic"],
      ["agent=openai-sdk", ({ agent }) => agent === "openai-sdk"],
      ["session=s-curl%2F8", ({ session }) => session === "s-curl/8"],
      ["tag=private", ({ tags }) => tags.includes("private")],
      ["outcome=error", ({ outcome }) => outcome !== "ok" && outcome !== "client-gone"],
      ["outcome=client-gone", ({ outcome }) => outcome === "client-gone"],
      ["outcome=ok&tag=code", ({ outcome, tags }) => outcome === "ok" && tags.includes("code")],
      ["q=secret", ({ tags }) => tags.includes("private")],
      ["q=nosuchword", () => false],
    ];
    for (const [query, keep] of filters) {
      const expected = ids(events.filter(keep));
      deepEqual(ids((await list(router, query)).exchanges), expected, query);
      ok(expected.length > 0 || query === "q=nosuchword", query);
    }
    const paged: string[] = [];
    let next: string | null = "";
    while (next !== null) {
      const page: { exchanges: ExchangeRow[]; next: string | null } = await list(router, `limit=4&before=${next}`);
      ok(page.exchanges.length <= 4);
      paged.push(...ids(page.exchanges));
      next = page.next;
    }
    deepEqual(paged, ids(events));
  });

  test("one exchange: its row, its line of the log, and what went over the wire", async (t) => {
    const { router, log } = await busy(t);
    const [event] = (await linesOf(log)).filter(({ tags }) => tags.includes("private"));
    const got = await exchange(`${router.url}/router/exchanges/${event?.id}`);
    equal(got.headers["cache-control"], "no-store");
    const detail = exchangeDetailSchema.parse(JSON.parse(text(got)));
    deepEqual(detail.record, JSON.parse(JSON.stringify(event)));
    deepEqual([detail.exchange.id, detail.record_missing], [event?.id, null]);
    match(detail.raw?.client.request ?? "", /my code and secret/);
    equal(detail.raw?.client.path, "/v1/chat/completions");
    const unknown = await exchange(`${router.url}/router/exchanges/nobody`);
    deepEqual([unknown.status, JSON.parse(text(unknown)).error.code], [404, "not_found"]);
    await writeFile(log, "");
    const gone = await exchange(`${router.url}/router/exchanges/${event?.id}`);
    const without = exchangeDetailSchema.parse(JSON.parse(text(gone)));
    deepEqual([without.exchange.id, without.record], [event?.id, null]);
    ok(without.record_missing);
  });

  test("what a provider repeats of the secrets it was sent is nowhere in it", async (t) => {
    const upstream = await startUpstream("openai");
    t.after(() => upstream.close());
    const secret = "tenant-secret-99";
    upstream.answer({ error: { status: 400, message: `not for ${secret}`, headers: { "x-echo": `is ${secret}` } } });
    const router = await inProcess(
      t,
      `[server]\ndashboard = true\n[[providers]]\nname = "p"\nformat = "openai"\nbase_url = "${upstream.url}"
headers = { x-tenant = "${secret}" }\n[[routers]]\ntype = "fallback"`,
      { recording: true },
    );
    await exchange(`${router.url}/v1/chat/completions`, {
      body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] }),
    });
    const [event] = await router.completed();
    const got = text(await exchange(`${router.url}/router/exchanges/${event?.id}`));
    equal(exchangeDetailSchema.parse(JSON.parse(got)).raw?.provider?.response_headers["x-echo"], "is [key]");
    ok(!got.includes(secret), got);
  });

  test("what ended just now is there when it is asked for by name", async (t) => {
    const router = await inProcess(t, `[server]\ndashboard = true\n${CHAIN}`, { recording: true });
    for (let turn = 0; turn < 5; turn++) {
      const body = JSON.stringify({ model: "gpt", messages: [{ role: "user", content: "hi" }] });
      const { headers } = await exchange(`${router.url}/v1/chat/completions`, { body });
      const got = await exchange(`${router.url}/router/exchanges/${String(headers["x-router-id"])}`);
      equal(got.status, 200, text(got));
    }
  });
});

describe("what cannot be answered", () => {
  test("a wrong parameter: 400, naming it", async (t) => {
    const router = await inProcess(t, `[server]\ndashboard = true\n${CHAIN}`, { recording: true });
    const wrong: [string, string][] = [
      ["exchanges?limit=0", "limit"],
      ["exchanges?limit=501", "limit"],
      ["exchanges?limit=ten", "limit"],
      ["exchanges?before=x", "before"],
      ["exchanges?since_ms=yesterday", "since_ms"],
      ["exchanges?since_ms=-1", "since_ms"],
      ["exchanges?until_ms=1e99", "until_ms"],
      ["exchanges?until_ms=Infinity", "until_ms"],
      ["exchanges?since_ms=5&until_ms=5", "until_ms"],
      ["exchanges?providers=x", "providers"],
      ["exchanges?tag=a&tag=b", "tag"],
      ["exchanges?__proto__=x", "__proto__"],
      ["stats?by=weekday", "by"],
      ["stats?since_ms=2&until_ms=1", "until_ms"],
      ["stats?limit=5", "limit"],
    ];
    for (const [path, param] of wrong) {
      const got = await exchange(`${router.url}/router/${path}`);
      const { error } = JSON.parse(text(got));
      deepEqual([got.status, error.code, error.param], [400, "bad_request", param], path);
      match(error.message, new RegExp(param));
    }
  });

  test("nothing is recorded: 404, and what to set", async (t) => {
    const router = await inProcess(t, CHAIN, { recording: true });
    for (const path of ["exchanges", "exchanges/x", "stats"]) {
      const got = await exchange(`${router.url}/router/${path}`);
      const { error } = JSON.parse(text(got));
      deepEqual([got.status, error.code], [404, "no_store"]);
      match(error.message, /set \[logging\] enabled = true .* or \[server\] dashboard = true/);
    }
    const status = JSON.parse(text(await exchange(`${router.url}/router/status`)));
    deepEqual(status.store, { state: "off", exchanges: 0, problem: null });
  });

  test("the store fails: 503 with its reason, and requests are answered all the same", async (t) => {
    const folder = await scratch(t);
    await writeFile(join(folder, "in-the-way"), "");
    const path = join(folder, "in-the-way", "requests.jsonl");
    const toml = `[logging]\nenabled = true\npath = ${JSON.stringify(path)}\n${CHAIN}`;
    const router = await inProcess(t, toml, { recording: true });
    const body = JSON.stringify({ model: "gpt", messages: [{ role: "user", content: "hi" }] });
    equal((await exchange(`${router.url}/v1/chat/completions`, { body })).status, 200);
    await until(async () => {
      const got = await exchange(`${router.url}/router/stats`);
      return got.status === 503 && JSON.parse(text(got)).error.code === "store_failed";
    }, "the store to say that it cannot");
  });
});
