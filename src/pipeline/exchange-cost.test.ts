import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { exchange } from "../../test/support/exchange.ts";
import { type Cleanup, inProcess } from "../../test/support/in-process.ts";
import { testProvider } from "../../test/support/provider.ts";
import { chunk, chunkedHead, LAST_CHUNK, type TcpScript, tcpUpstream } from "../../test/support/tcp-upstream.ts";
import type { UpstreamFormat } from "../../test/support/upstream/answer.ts";
import { startUpstream } from "../../test/support/upstream/upstream.ts";
import { emptyRequest } from "../core/request.ts";
import type { ChatResponse } from "../core/response.ts";
import { reportedUsage } from "../core/usage.ts";
import type { Cost } from "../cost/cost.ts";
import type { Plugin } from "../plugins/plugin.ts";
import type { CompleteEvent } from "../record/events.ts";
import { costOfExchange } from "./exchange-cost.ts";

const ANSWER: ChatResponse = {
  id: "a",
  model: "x",
  parts: [{ type: "text", text: "from a plugin" }],
  finish: { reason: "stop" },
};

const FALLBACK = `[[routers]]\ntype = "fallback"`;

async function upstreamOf(t: Cleanup, format: UpstreamFormat) {
  const upstream = await startUpstream(format);
  t.after(() => upstream.close());
  return upstream;
}

function ask(url: string, more: Record<string, unknown> = {}) {
  const messages = [{ role: "user", content: "hi" }];
  return exchange(`${url}/v1/chat/completions`, { body: JSON.stringify({ model: "m", messages, ...more }) });
}

/** Of the last exchange. */
function costOf(completes: readonly CompleteEvent[]): unknown {
  return completes.at(-1)?.cost;
}

for (const stream of [false, true]) {
  describe(stream ? "streamed" : "whole", () => {
    for (const format of ["openai", "anthropic", "gemini"] as const) {
      test(`${format}: the tokens at the provider's prices`, async (t) => {
        const upstream = await upstreamOf(t, format);
        upstream.answer({ text: "hello", usage: { input: 1_000, output: 200, cachedRead: 600 } });
        const prices = `prices = { input = 3, output = 15, cached_read = 0.3 }`;
        const head = `[[providers]]\nname = "p"\nformat = "${format}"\nbase_url = "${upstream.url}"\n${prices}`;
        const special = `[providers.model_prices."m-large"]\ninput = 30\noutput = 150`;
        const router = await inProcess(t, [head, special, FALLBACK].join("\n"));
        const streamed = stream ? { stream, stream_options: { include_usage: true } } : {};
        await ask(router.url, streamed);
        deepEqual(costOf(await router.completed(1)), { usd: 0.00438, source: "configured" });
        await ask(router.url, { ...streamed, model: "m-large" });
        deepEqual(costOf(await router.completed(2)), { usd: 0.06, source: "configured" });
      });
    }
  });
}

test("no price, no cost; and 0 is a price", async (t) => {
  const upstream = await upstreamOf(t, "openai");
  const head = `[[providers]]\nname = "p"\nformat = "openai"\nbase_url = "${upstream.url}"`;
  const free = await inProcess(t, [`${head}\ncost_per_1m_tokens = 0`, FALLBACK].join("\n"));
  await ask(free.url);
  deepEqual(costOf(await free.completed()), { usd: 0, source: "configured" });
  const unpriced = await inProcess(t, [head, FALLBACK].join("\n"));
  await ask(unpriced.url);
  deepEqual(costOf(await unpriced.completed()), { usd: null, source: "unknown" });
});

test("what no provider was asked costs nothing; what one refused is not known", async (t) => {
  const upstream = await upstreamOf(t, "openai");
  upstream.answer({ error: { status: 500, message: "broken" } });
  const provider = `[[providers]]\nname = "p"\nformat = "openai"\nbase_url = "${upstream.url}"\ncost_per_1m_tokens = 1`;
  const rule = `[[routers]]\ntype = "prefix"\nmodel_prefix = "m"\nprovider = "p"`;
  const answers: Plugin = {
    id: "answers",
    pre_request: (seen) => {
      if (seen.request.model !== "x") return "continue";
      seen.response = ANSWER;
      return "stop";
    },
  };
  const router = await inProcess(t, [provider, rule].join("\n"), { plugins: [answers] });
  await ask(router.url);
  deepEqual(costOf(await router.completed(1)), { usd: null, source: "unknown" });
  await ask(router.url, { model: "nobody-has-it" });
  deepEqual(costOf(await router.completed(2)), { usd: 0, source: "none" });
  await ask(router.url, { model: "x" });
  deepEqual(costOf(await router.completed(3)), { usd: 0, source: "none" });
});

const frame = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const usageFrame = `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [], usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 } })}\n\n`;
const HEAD = chunkedHead("text/event-stream") + chunk(frame({ role: "assistant", content: "" }));
const says: TcpScript = (socket) =>
  void socket.write(
    `${HEAD}${chunk(frame({ content: "hi" }))}${chunk(`${frame({}, "stop")}${usageFrame}data: [DONE]\n\n`)}${LAST_CHUNK}`,
  );

test("the slower one of two is paid for as well", async (t) => {
  let slow = false;
  const moody: TcpScript = (socket, request, n) => void (slow ? socket.write(HEAD) : says(socket, request, n));
  const [a, b] = [await tcpUpstream(t, moody), await tcpUpstream(t, says)];
  const provider = (name: string, origin: string, price: number) =>
    `[[providers]]\nname = "${name}"\nformat = "openai"\nbase_url = "${origin}/v1"\ncost_per_1m_tokens = ${price}`;
  const router = await inProcess(
    t,
    [
      "[failover]\nhedge = true\nhedge_share = 1.0\nmax_attempts = 2",
      provider("a", a.origin, 1),
      provider("b", b.origin, 1000),
      FALLBACK,
    ].join("\n\n"),
  );
  for (let turn = 0; turn < 20; turn++) await ask(router.url, { stream: true });
  equal((await router.completed(20))[0]?.cost.usd, 0.00011);
  slow = true;
  await ask(router.url, { stream: true });
  const complete = (await router.completed(21))[20];
  const lost = complete?.attempts[0]?.usage;
  ok(lost && lost.input_tokens > 0);
  const own = (110 * 1000) / 1e6;
  equal(complete?.cost.usd, own + (lost.input_tokens + lost.output_tokens) / 1e6);
});

test("of an answer two targets made each part is paid for where it was made", async (t) => {
  const line = (content: string, done = false) =>
    `${JSON.stringify({ model: "m", created_at: "2026-01-01T00:00:00Z", message: { role: "assistant", content }, done, ...(done && { done_reason: "stop", prompt_eval_count: 40, eval_count: 5 }) })}\n`;
  const head = chunkedHead("application/x-ndjson");
  const a = await tcpUpstream(t, (socket) => {
    socket.write(head + chunk(line("The rain in Spain stays")), () => setTimeout(() => socket.destroy(), 20));
  });
  const b = await tcpUpstream(t, (socket) => {
    socket.write(head + chunk(line(" mainly in the plain.") + line("", true)) + LAST_CHUNK);
  });
  const provider = (name: string, origin: string, price: number) =>
    `[[providers]]\nname = "${name}"\nformat = "ollama"\nbase_url = "${origin}"\ncost_per_1m_tokens = ${price}`;
  const parts = [
    "[failover]\ncontinue_stream = true\nmax_attempts = 2",
    provider("a", a.origin, 1),
    provider("b", b.origin, 1000),
    FALLBACK,
  ];
  const router = await inProcess(t, parts.join("\n\n"));
  await ask(router.url, { stream: true });
  const [complete] = await router.completed();
  const [one, other] =
    complete?.attempts.map(({ usage }) => (usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0)) ?? [];
  ok(one && one > 0);
  equal(other, 45);
  equal(complete?.cost.usd, one / 1e6 + 0.045);
});

test("a list price is not taken for requests that ask to be served sooner or later", () => {
  const target = { provider: testProvider({ name: "p" }), model: "m" };
  const bill = { provider: target.provider, model: "m", usage: reportedUsage({ input: 1 }) };
  const cost = (source: Cost["source"], tier?: string) => {
    const request = { ...emptyRequest("openai", "m"), extra: tier === undefined ? {} : { service_tier: tier } };
    const paid = { billed: [bill], source: undefined, usage: undefined, wasSent: true, request };
    return costOfExchange(paid, { costOf: () => ({ usd: 1, source }) }, 0).usd;
  };
  deepEqual([cost("catalogue"), cost("catalogue", "auto"), cost("catalogue", "default")], [1, 1, 1]);
  deepEqual([cost("catalogue", "flex"), cost("catalogue", "priority")], [null, null]);
  equal(cost("configured", "flex"), 1);
});
