import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import type { Plugin } from "../../src/plugins/plugin.ts";
import type { CompleteEvent } from "../../src/record/events.ts";
import { exchange } from "../support/exchange.ts";
import { type Cleanup, type InProcessOptions, type InProcessRouter, inProcess } from "../support/in-process.ts";
import { type OtlpReceiver, otlpReceiver, type ReceivedSpan } from "../support/otlp-receiver.ts";
import { startUpstream, type Upstream } from "../support/upstream/upstream.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";

interface Setup {
  upstreams: Upstream[];
  receiver: OtlpReceiver;
  router: InProcessRouter;
  ask(body?: object, headers?: Record<string, string>): ReturnType<typeof exchange>;
  /** Of one request: its event, and its spans after all is flushed. */
  ended(): Promise<{ event: CompleteEvent; spans: ReceivedSpan[] }>;
}

/** A router with two providers, `a` before `b`, that sends its telemetry to a receiver. */
async function traced(
  t: Cleanup,
  telemetry = "",
  options: InProcessOptions = {},
  more = "",
  rule = `type = "fallback"`,
  failover = "",
): Promise<Setup> {
  const receiver = await otlpReceiver(t);
  const upstreams = [await startUpstream("openai"), await startUpstream("anthropic")];
  t.after(async () => void (await Promise.all(upstreams.map((upstream) => upstream.close()))));
  const toml = [
    more,
    `[failover]\nmax_attempts = 2\n${failover}`,
    `[telemetry]\nenabled = true\notlp_endpoint = "${receiver.url}"\n${telemetry}`,
    `[classifiers.keyword]\nenabled = true\ntags = { time = ["clock"] }`,
    ...upstreams.map(
      ({ url, format }, index) => `[[providers]]\nname = "${"ab"[index]}"\nformat = "${format}"\nbase_url = "${url}"`,
    ),
    `[[routers]]\n${rule}`,
  ];
  const router = await inProcess(t, toml.join("\n\n"), { ...options, recording: true });
  return {
    upstreams,
    receiver,
    router,
    ask: (body = {}, headers = {}) =>
      exchange(`${router.url}/v1/chat/completions`, {
        headers,
        body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "what says the clock?" }], ...body }),
      }),
    async ended() {
      const [event] = await router.completed();
      ok(event);
      await router.close();
      return { event, spans: receiver.spans() };
    },
  };
}

/** `request > dispatch > provider.send > provider.http`, one line for each leaf. */
function tree(spans: readonly ReceivedSpan[]): string[] {
  const path = (span: ReceivedSpan): string => {
    const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
    return parent ? `${path(parent)} > ${span.name}` : span.name;
  };
  return spans.filter(({ spanId }) => !spans.some(({ parentSpanId }) => parentSpanId === spanId)).map(path);
}

const HEDGE = "hedge = true\nhedge_share = 1.0";
const WHOLE = "request > dispatch > provider.send > provider.http";

function named(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const span = spans.find((one) => one.name === name);
  ok(span, `no span ${name}`);
  return span;
}

test("a request is a tree of spans; its provider goes on with the trace the client began", async (t) => {
  const { upstreams, receiver, ask, ended } = await traced(t, `service_name = "mine"`);
  upstreams[0]?.answer({ text: "It is 12:00.", usage: { input: 21, output: 9, cachedRead: 16 } });
  const headers = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: "a=1,b=2", "session-id": "s1" };
  await ask({ temperature: 0.5, max_tokens: 77, stop: ["x"] }, headers);
  const { event, spans } = await ended();
  deepEqual(tree(spans), [WHOLE]);
  const [request, http] = [named(spans, "request"), named(spans, "provider.http")];
  deepEqual([event.trace_id, event.trace?.span_id, event.trace?.parent_span_id], [TRACE, request.spanId, PARENT]);
  deepEqual([...new Set(spans.map(({ traceId }) => traceId))], [TRACE]);
  deepEqual([request.parentSpanId, request.traceState, request.kind, http.kind], [PARENT, "a=1,b=2", 2, 3]);
  equal(http.attributes["kind"], "openai");
  const seen = upstreams[0]?.last().headers;
  deepEqual([seen?.["traceparent"], seen?.["tracestate"]], [`00-${TRACE}-${http.spanId}-01`, "a=1,b=2"]);
  equal(event.attempts[0]?.span_id, http.spanId);
  const dispatch = named(spans, "dispatch").attributes;
  deepEqual([dispatch["request_id"], dispatch["provider"], dispatch["model"]], [event.id, "a", "m"]);
  deepEqual(dispatch["tags"], ["time"]);
  const { attributes } = named(spans, "provider.send");
  const { port } = new URL(upstreams[0]?.url ?? "");
  for (const [name, value] of Object.entries({
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.conversation.id": "s1",
    "gen_ai.request.model": "m",
    "gen_ai.request.temperature": 0.5,
    "gen_ai.request.max_tokens": 77,
    "gen_ai.request.stop_sequences": ["x"],
    "gen_ai.response.model": "m",
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.usage.input_tokens": 21,
    "gen_ai.usage.output_tokens": 9,
    "gen_ai.usage.cache_read.input_tokens": 16,
    "server.address": "127.0.0.1",
    "server.port": Number(port),
  }))
    deepEqual(attributes[name], value, name);
  for (const span of spans) {
    ok(span.startNs <= span.endNs && span.startNs >= request.startNs && span.endNs <= request.endNs, span.name);
    equal(span.status, 0);
  }
  const resource = receiver.resource();
  deepEqual([resource["service.name"], typeof resource["service.instance.id"]], ["mine", "string"]);
  // Nothing of what was said, and no key, unless it is asked for.
  ok(!JSON.stringify(receiver.requests.map(({ body }) => body)).includes("12:00"));
});

test("a stream's spans last as long as it does, in a trace of their own without a client's", async (t) => {
  const { upstreams, ask, ended } = await traced(t);
  upstreams[0]?.answer({ text: "one two three", stream: { paceMs: 15 } });
  await ask({ stream: true }, { traceparent: "00-zz", tracestate: "stale=1" });
  const { event, spans } = await ended();
  deepEqual(tree(spans), [WHOLE]);
  const [request, http] = [named(spans, "request"), named(spans, "provider.http")];
  equal(Number(request.endNs - request.startNs) / 1e6, event.duration_ms);
  match(request.traceId, /^[0-9a-f]{32}$/);
  deepEqual([event.trace_id, request.parentSpanId], [request.traceId, undefined]);
  const seen = upstreams[0]?.last().headers;
  deepEqual([seen?.["traceparent"], seen?.["tracestate"]], [`00-${request.traceId}-${http.spanId}-01`, undefined]);
  deepEqual(request.events, ["first token"]);
  equal(http.events.at(-1), "response headers");
  ok(Number(named(spans, "provider.send").attributes["gen_ai.response.time_to_first_chunk"]) >= 0);
});

test("each attempt has spans and a parent of its own; one that failed says how", async (t) => {
  const { upstreams, ask, ended } = await traced(t);
  upstreams[0]?.answer({ error: { status: 500, message: "broken" } });
  await ask();
  const { spans } = await ended();
  deepEqual(tree(spans), [WHOLE, WHOLE]);
  const [first, second] = spans.filter(({ name }) => name === "provider.http");
  const { traceId } = named(spans, "request");
  deepEqual(
    [first?.status, first?.attributes["error.type"], first?.attributes["http.response.status_code"]],
    [2, "500", 500],
  );
  equal(second?.status, 0);
  deepEqual(
    upstreams.map((upstream) => upstream.last().headers["traceparent"]),
    [first, second].map((span) => `00-${traceId}-${span?.spanId}-01`),
  );
  equal(named(spans, "request").status, 0);
  const sends = spans.filter(({ name }) => name === "provider.send");
  deepEqual(
    sends.map(({ attributes }) => [
      attributes["gen_ai.provider.name"],
      attributes["error.type"],
      "gen_ai.usage.input_tokens" in attributes,
    ]),
    [
      ["openai", "target", false],
      ["anthropic", undefined, true],
    ],
  );
});

test("a slow attempt and its hedge: each has what it used, and only the answer has a model's", async (t) => {
  const { upstreams, router, receiver, ask } = await traced(t, "", {}, "", `type = "fallback"`, HEDGE);
  for (let turn = 0; turn < 20; turn++) await ask({ stream: true });
  upstreams[0]?.answer({ text: "late", stream: { paceMs: 1_000 } });
  equal((await ask({ stream: true })).headers["x-router-provider"], "b");
  const event = (await router.completed(21)).at(-1);
  await router.close();
  const spans = receiver.spans().filter(({ traceId }) => traceId === event?.trace_id);
  deepEqual(tree(spans), [WHOLE, WHOLE]);
  const sends = spans.filter(({ name }) => name === "provider.send");
  deepEqual(
    sends.map(({ status, attributes }) => [
      attributes["provider"],
      attributes["router.outcome"],
      attributes["router.hedge"],
      status,
      "gen_ai.usage.input_tokens" in attributes,
      "gen_ai.response.model" in attributes,
    ]),
    [
      ["a", "cancelled", undefined, 0, true, false],
      ["b", "ok", true, 0, true, true],
    ],
  );
});

test("a plugin's own answer has no provider's spans", async (t) => {
  const plugin: Plugin = {
    id: "own",
    pre_request(exchange) {
      exchange.response = {
        id: "own",
        model: "m",
        parts: [{ type: "text", text: "from the plugin" }],
        finish: { reason: "stop" },
      };
      return "stop";
    },
  };
  const answered = await traced(t, "", { plugins: [plugin] });
  await answered.ask();
  const { spans } = await answered.ended();
  deepEqual(tree(spans), ["request > dispatch"]);
  deepEqual(named(spans, "dispatch").attributes["provider"], "plugin");
  equal(answered.upstreams[0]?.requests.length, 0);
});

test("a refused request says why, and nobody was asked", async (t) => {
  const refused = await traced(t, "", {}, "", `type = "prefix"\nmodel_prefix = "x-"\nprovider = "a"`);
  equal((await refused.ask()).status, 400);
  const { event, spans } = await refused.ended();
  deepEqual(tree(spans), ["request > dispatch"]);
  deepEqual([named(spans, "request").status, named(spans, "request").attributes["error.type"]], [0, event.outcome]);
});

test("a client that leaves ends its spans, without a fault of anybody", async (t) => {
  const { upstreams, router, ended } = await traced(t);
  upstreams[0]?.answer({ text: "one two three four five", stream: { paceMs: 100 } });
  const leave = new AbortController();
  const body = JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: "hi" }] });
  const answer = await fetch(`${router.url}/v1/chat/completions`, { method: "POST", body, signal: leave.signal });
  await answer.body?.getReader().read();
  leave.abort();
  const { event, spans } = await ended();
  deepEqual([event.outcome, tree(spans)], ["client-gone", [WHOLE]]);
  deepEqual([named(spans, "request").status, named(spans, "request").attributes["error.type"]], [0, "client-gone"]);
  deepEqual(named(spans, "provider.send").status, 0);
});

test("what the client decided about sampling counts; else the ratio does", async (t) => {
  for (const [ratio, flags, kept] of [
    [0, undefined, false],
    [0, "01", true],
    [1, "00", false],
    [1, undefined, true],
  ] as const) {
    const { upstreams, ask, ended } = await traced(t, `sample_ratio = ${ratio}`);
    await ask({}, flags === undefined ? {} : { traceparent: `00-${TRACE}-${PARENT}-${flags}` });
    const { event, spans } = await ended();
    equal(spans.length, kept ? 4 : 0, `${ratio} ${flags}`);
    const seen = String(upstreams[0]?.last().headers["traceparent"]);
    equal(seen.slice(-2), kept ? "01" : "00");
    equal(seen.slice(3, 35), event.trace_id);
  }
});

test("content is in spans when asked for, as far as the log may have it", async (t) => {
  for (const [policy, has] of [
    ["full", true],
    ["none", false],
  ] as const) {
    const { ask, ended } = await traced(t, "content = true", {}, `[logging]\ncontent = "${policy}"`);
    await ask({ stop: ["my own words"] });
    const { event, spans } = await ended();
    const { attributes } = named(spans, "provider.send");
    equal(JSON.stringify([event, attributes]).includes("my own words"), has, policy);
    equal(String(attributes["gen_ai.input.messages"]).includes("what says the clock?"), has, policy);
    equal(String(attributes["gen_ai.output.messages"]).includes("hello"), has, policy);
  }
});

test("without telemetry nothing is added to what goes to a provider, and events are as they were", async (t) => {
  const { upstreams, receiver, ask, ended } = await traced(t, "", {
    env: { OTEL_TRACES_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none" },
  });
  await ask();
  const { event } = await ended();
  deepEqual([event.trace_id, event.trace, event.attempts[0]?.span_id], [null, undefined, undefined]);
  equal(upstreams[0]?.last().headers["traceparent"], undefined);
  deepEqual(receiver.spans(), []);
  notEqual(upstreams[0]?.requests.length, 0);
});
