import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyEvents, anyResponse } from "../../../test/support/answers.ts";
import { readAll } from "../../../test/support/streams.ts";
import type { ChatEvent } from "../../core/event.ts";
import type { Json } from "../../core/json.ts";
import { FEATURES, Losses } from "../../core/loss.ts";
import { type ChatRequest, emptyRequest } from "../../core/request.ts";
import { eventsOf, reduceEvents } from "../../core/response.ts";
import { anthropicProvider } from "../anthropic/provider.ts";
import { simulatedProvider } from "./provider.ts";
import { readEvent } from "./read-event.ts";
import { simulatedSpeaking } from "./speaking.ts";

const ndjson = (events: readonly ChatEvent[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join("");
const read = (text: string, sizes?: readonly number[]) => readAll(simulatedProvider.readStream(), text, sizes);
const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value));

test("everything is native but a second answer, which is refused", () => {
  for (const feature of FEATURES) {
    assert.equal(simulatedProvider.support[feature], feature === "n" ? "refused" : "native", feature);
  }
  const losses = new Losses(simulatedProvider.support);
  const request = { ...emptyRequest("openai", "m"), sampling: { n: 2 } };
  simulatedProvider.writeRequest(request, { model: "m", quirks: {} }, losses);
  assert.deepEqual(losses.list, [{ field: "n", treatment: "dropped", class: "reject" }]);
});

test("speaking as another: what that API cannot express is lost, and it is told the rest as ever", () => {
  const half = simulatedSpeaking(anthropicProvider);
  assert.equal(half, simulatedSpeaking(anthropicProvider));
  const losses = new Losses(half.support);
  const request: ChatRequest = {
    ...emptyRequest("openai", "m"),
    messages: [{ role: "user", parts: [{ type: "text", text: "hello" }] }],
    sampling: { seed: 1, n: 2, temperature: 1 },
  };
  const body = half.writeRequest(request, { model: "sim", quirks: {} }, losses);
  assert.deepEqual(losses.list.map(({ field, class: kind }) => [field, kind]).sort(), [
    ["n", "reject"],
    ["seed", "report"],
  ]);
  assert.deepEqual(body, asJson({ ...request, model: "sim" }));
});

test("what lives at another provider is refused", () => {
  const losses = new Losses(simulatedProvider.support);
  const request = {
    ...emptyRequest("openai-responses", "m"),
    extra: { previous_response_id: "resp_1", include: ["x"] },
  };
  simulatedProvider.writeRequest(request, { model: "m", quirks: {} }, losses);
  assert.deepEqual(losses.list, [{ field: "previous_response_id", treatment: "dropped", class: "reject" }]);
});

test("the request is sent as it is, for the target's model", () => {
  const request = {
    ...emptyRequest("anthropic", "asked"),
    maxOutputTokens: 9,
    extra: { context_management: { edits: [] } },
  };
  const body = simulatedProvider.writeRequest(
    request,
    { model: "sim", quirks: {} },
    new Losses(simulatedProvider.support),
  );
  assert.deepEqual(body, asJson({ ...request, model: "sim" }));
});

test("any answer comes through unchanged, however it is cut", () => {
  const events = fc.oneof(anyEvents, anyResponse.map(eventsOf));
  fc.assert(
    fc.property(events, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sent, sizes) => {
      assert.deepEqual(read(ndjson(sent), sizes), sent);
      assert.deepEqual(simulatedProvider.readResponse({ events: asJson(sent) }), sent);
    }),
  );
});

test("every kind of event has its reader", () => {
  const failure = { kind: "rate-limit", message: "m", upstreamStatus: 429, code: "c", retryAfter: 2 } as const;
  const events: ChatEvent[] = [
    { type: "ping" },
    { type: "error", failure },
    { type: "citation", index: 0, citation: { url: "u", title: "t", citedText: "c", start: 1, end: 2 } },
    { type: "citation", index: 0, citation: { raw: { dialect: "anthropic", value: [1] } } },
    { type: "block-start", index: 0, block: { type: "reasoning", id: "r", summary: true } },
    { type: "block-end", index: 0, state: { dialect: "anthropic", kind: "redacted", value: "x" } },
    { type: "finish", reason: "stop_sequence", stopSequence: "END", native: "n" },
  ];
  for (const event of events) assert.deepEqual(readEvent(asJson(event)), event);
});

test("what is no event is refused, naming the field", () => {
  const bad: [Json, RegExp][] = [
    [3, /event of a simulated answer is not an object/],
    [{ type: "shout" }, /event\.type .* start \| block-start/],
    [{ type: "text-delta", index: "0", text: "a" }, /event\.index .* a number/],
    [{ type: "text-delta", index: 0 }, /event\.text .* a string/],
    [{ type: "block-start", index: 0, block: { type: "video" } }, /block\.type/],
    [{ type: "finish", reason: "tired" }, /event\.reason/],
    [{ type: "error", failure: { kind: "toString", message: "" } }, /failure\.kind/],
    [{ type: "usage", usage: { input: 1 } }, /usage\.output/],
    [{ type: "opaque", index: 0, part: { type: "text" } }, /part\.type/],
  ];
  for (const [value, message] of bad) assert.throws(() => readEvent(value), message);
  assert.throws(() => simulatedProvider.readResponse({}), /events of a simulated answer is not a list/);
});

test("an answer without its last event is cut", () => {
  const events: ChatEvent[] = [
    { type: "start", id: "a", model: "m" },
    { type: "finish", reason: "stop" },
  ];
  assert.equal(reduceEvents(read(ndjson(events))).failure?.kind, "cut");
  assert.equal(reduceEvents(simulatedProvider.readResponse({ events: asJson(events) })).failure?.kind, "cut");
});

test("error answers", () => {
  const { readError } = simulatedProvider;
  assert.deepEqual(readError(429, { error: { message: "slow", code: "c" } }, ""), {
    kind: "rate-limit",
    message: "slow",
    upstreamStatus: 429,
    code: "c",
  });
  assert.equal(readError(500, undefined, "boom").message, "boom");
  assert.equal(readError(500, undefined, "").message, "the simulated provider answered with status 500");
});
