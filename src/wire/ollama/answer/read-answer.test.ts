import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readAll } from "../../../../test/support/streams.ts";
import type { JsonObject } from "../../../core/json.ts";
import { reduceEvents } from "../../../core/response.ts";
import { ollamaProvider } from "../provider.ts";

const CREATED = "2026-11-23T12:00:00.123456789Z";

const line = (message: JsonObject, rest: JsonObject = {}): JsonObject => ({
  model: "qwen3:8b",
  created_at: CREATED,
  message: { role: "assistant", content: "", ...message },
  done: false,
  ...rest,
});
const last = (rest: JsonObject = {}): JsonObject =>
  line({}, { done: true, done_reason: "stop", total_duration: 5, prompt_eval_count: 26, eval_count: 9, ...rest });
const ndjson = (...lines: JsonObject[]): string => lines.map((each) => `${JSON.stringify(each)}\n`).join("");

const read = (text: string, sizes?: readonly number[]) => readAll(ollamaProvider.readStream(), text, sizes);

const ANSWER = ndjson(
  line({ thinking: "Hm" }),
  line({ thinking: ", yes." }),
  line({ content: "Grüße " }),
  line({ content: "🦙" }),
  line({ tool_calls: [{ id: "call_1", function: { index: 0, name: "look", arguments: { z: 1, a: "ü" } } }] }),
  line({ tool_calls: [{ id: "call_2", function: { index: 1, name: "look", arguments: {} } }] }),
  last({ prompt_eval_cached_count: 20 }),
);

test("a stream of thinking, text and two calls, event by event", () => {
  const usage = {
    input: 26,
    output: 9,
    cachedRead: 20,
    cacheWrite: 0,
    cacheWriteLong: 0,
    reasoning: 0,
    reported: true,
  };
  assert.deepEqual(read(ANSWER), [
    { type: "start", id: "", model: "qwen3:8b" },
    { type: "block-start", index: 0, block: { type: "reasoning" } },
    { type: "reasoning-delta", index: 0, text: "Hm" },
    { type: "reasoning-delta", index: 0, text: ", yes." },
    { type: "block-end", index: 0 },
    { type: "block-start", index: 1, block: { type: "text" } },
    { type: "text-delta", index: 1, text: "Grüße " },
    { type: "text-delta", index: 1, text: "🦙" },
    { type: "block-end", index: 1 },
    { type: "block-start", index: 2, block: { type: "tool-call", id: "call_1", name: "look", kind: "function" } },
    { type: "arguments-delta", index: 2, text: '{"z":1,"a":"ü"}' },
    { type: "block-end", index: 2 },
    { type: "block-start", index: 3, block: { type: "tool-call", id: "call_2", name: "look", kind: "function" } },
    { type: "arguments-delta", index: 3, text: "{}" },
    { type: "block-end", index: 3 },
    { type: "finish", reason: "tool_calls", native: "stop" },
    { type: "usage", usage },
    { type: "end" },
  ]);
});

test("cut at any byte and with any line end, the same events", () => {
  const whole = read(ANSWER);
  for (let size = 1; size < 40; size++) assert.deepEqual(read(ANSWER, [size]), whole);
  assert.deepEqual(read(ANSWER.replaceAll("\n", "\r\n"), [3]), whole);
  assert.deepEqual(read(ANSWER.trimEnd()), whole);
});

test("a stream that ends before its last line is a cut, wherever it ends (farion1231/cc-switch#4189)", () => {
  const lines = ANSWER.trimEnd().split("\n");
  for (let count = 0; count < lines.length; count++) {
    const events = read(lines.slice(0, count).join("\n"));
    assert.equal(events.at(-1)?.type, "error", `after ${count} lines`);
    assert.equal(reduceEvents(events).failure?.kind, "cut");
    assert.equal(
      events.some((event) => event.type === "finish" || event.type === "end"),
      false,
    );
  }
});

test("whole and streamed answers are the same answer", () => {
  const body = last({
    message: {
      role: "assistant",
      content: "Grüße 🦙",
      thinking: "Hm, yes.",
      tool_calls: [
        { id: "call_1", function: { name: "look", arguments: { z: 1, a: "ü" } } },
        { id: "call_2", function: { name: "look", arguments: {} } },
      ],
    },
    prompt_eval_cached_count: 20,
  });
  const whole = reduceEvents(ollamaProvider.readResponse(body));
  assert.deepEqual(whole.response(), reduceEvents(read(ANSWER)).response());
  assert.equal(whole.closed, true);
});

test("done_reason: stop after calls means calls (BerriAI/litellm#35663), but length stays length", () => {
  const call = line({ tool_calls: [{ function: { name: "t", arguments: {} } }] });
  const reason = (...lines: JsonObject[]) => reduceEvents(read(ndjson(...lines))).response().finish.reason;
  assert.equal(reason(call, last()), "tool_calls");
  assert.equal(reason(call, last({ done_reason: "length" })), "length");
  assert.equal(reason(last()), "stop");
  assert.equal(reason(last({ done_reason: "" })), "stop");
  assert.equal(reason(last({ done_reason: "load" })), "stop");
  assert.equal(reason(last({ done_reason: "tired" })), "other");
});

test("calls without ids have ids of their own, the same at each reading, another in another answer", () => {
  const call = { function: { name: "t", arguments: {} } };
  const ids = (created_at: string) =>
    read(ndjson(line({ tool_calls: [call, call] }, { created_at }), last())).flatMap((event) =>
      event.type === "block-start" && event.block.type === "tool-call" ? [event.block.id] : [],
    );
  assert.equal(new Set(ids(CREATED)).size, 2);
  assert.deepEqual(ids(CREATED), ids(CREATED));
  assert.equal(new Set([...ids(CREATED), ...ids("2026-11-23T12:00:09Z")]).size, 4);
});

test("an error line under a 200 is an error, in the words of the server", () => {
  const events = read(ndjson(line({ content: "a" }), { error: "llama runner process has terminated" }, { late: 1 }));
  assert.deepEqual(events.at(-1), {
    type: "error",
    failure: { kind: "target", message: "llama runner process has terminated" },
  });
  assert.equal(reduceEvents(ollamaProvider.readResponse({ error: "boom" })).failure?.message, "boom");
});

test("usage: unknown is not zero", () => {
  const usage = (rest: JsonObject) => reduceEvents(read(ndjson({ ...line({}), done: true, ...rest }))).usage;
  assert.equal(usage({ eval_count: 3 }), undefined);
  assert.equal(usage({ prompt_eval_count: 4 })?.output, 0);
  assert.equal(usage({ prompt_eval_count: 4, prompt_eval_cached_count: 9 })?.cachedRead, 4);
});

test("bytes of something else are not taken for an answer", () => {
  assert.throws(() => read('{"object":"chat.completion.chunk","choices":[]}\n'), /not an answer of Ollama/);
  assert.throws(() => ollamaProvider.readResponse("ok"), /not an answer of Ollama/);
  assert.throws(() => ollamaProvider.readResponse({ id: "x" }), /not an answer of Ollama/);
  assert.throws(() => read("<html>"), /not JSON/);
});

test("any text and thinking comes through unchanged, however it is cut", () => {
  const piece = fc.record({
    thinking: fc.boolean(),
    text: fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
  });
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (pieces, sizes) => {
      const lines = pieces.map(({ thinking, text }) => line(thinking ? { thinking: text } : { content: text }));
      const { parts } = reduceEvents(read(ndjson(...lines, last()), sizes)).response();
      const joined = (type: string) =>
        parts.map((part) => (part.type === type && "text" in part ? part.text : "")).join("");
      const sent = (thinking: boolean) => pieces.map((each) => (each.thinking === thinking ? each.text : "")).join("");
      assert.equal(joined("text"), sent(false));
      assert.equal(joined("reasoning"), sent(true));
    }),
  );
});

test("images of an answer are kept whole", () => {
  const events = read(ndjson(line({ content: "a", images: ["AAAA"] }), last()));
  assert.deepEqual(reduceEvents(events).response().parts, [
    { type: "text", text: "a" },
    { type: "opaque", dialect: "ollama", what: "images", value: ["AAAA"] },
  ]);
});

test("error answers: the server's words, or the beginning of what it sent (ollama/ollama#14828)", () => {
  const { readError } = ollamaProvider;
  assert.deepEqual(readError(404, { error: 'model "x" not found' }, ""), {
    kind: "not-found",
    message: 'model "x" not found',
    upstreamStatus: 404,
  });
  assert.equal(readError(400, { error: "the input length exceeds the context length" }, "").kind, "context");
  assert.equal(readError(503, { error: "server busy, please try again" }, "").kind, "overloaded");
  assert.equal(readError(502, undefined, "<html>Bad gateway</html>").message, "status 502: Bad gateway");
  assert.equal(readError(500, undefined, "").message, "status 500 without a body");
  assert.deepEqual(readError(429, { error: { message: "slow down", code: "slow" } }, ""), {
    kind: "rate-limit",
    message: "slow down",
    upstreamStatus: 429,
    code: "slow",
  });
});
