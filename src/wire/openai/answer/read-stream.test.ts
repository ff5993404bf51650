import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ChatEvent } from "../../../core/event.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { ToolCallPart } from "../../../core/part.ts";
import { reduceEvents } from "../../../core/response.ts";
import { chunk, readAll, sse } from "../testing.ts";
import { readResponse } from "./read-response.ts";
import { readStream } from "./read-stream.ts";

const stop = chunk({}, "stop");
const read = (...frames: (JsonObject | string)[]) => readAll(readStream(), sse(...frames));
const response = (events: ChatEvent[]) => reduceEvents(events).response();
const call = (delta: JsonObject) => chunk({ tool_calls: [delta] });
const calls = (events: ChatEvent[]) =>
  response(events)
    .parts.filter((part): part is ToolCallPart => part.type === "tool-call")
    .map((part) => [part.id, part.name, part.arguments]);
const last = (events: ChatEvent[]) => events.at(-1);

test("a plain stream event by event", () => {
  const usage = { id: "c1", model: "m1", choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } };
  const events = read(chunk({ role: "assistant", content: "" }), chunk({ content: "Hi" }), stop, usage, "[DONE]");
  assert.deepEqual(events, [
    { type: "start", id: "c1", model: "m1" },
    { type: "block-start", index: 0, block: { type: "text" } },
    { type: "text-delta", index: 0, text: "Hi" },
    {
      type: "usage",
      usage: { input: 3, output: 2, cachedRead: 0, cacheWrite: 0, cacheWriteLong: 0, reasoning: 0, reported: true },
    },
    { type: "block-end", index: 0 },
    { type: "finish", reason: "stop", native: "stop" },
    { type: "end" },
  ]);
});

test("any slicing of the bytes, any line ends and comments between give the same events", () => {
  const text = sse(
    chunk({ role: "assistant", reasoning_content: "hm 🤔 思" }),
    chunk({ content: "é🎉 日本" }),
    call({ index: 0, id: "a", type: "function", function: { name: "f", arguments: '{"ü":' } }),
    call({ index: 0, function: { arguments: "1}" } }),
    chunk({}, "tool_calls"),
    "[DONE]",
  );
  const expected = readAll(readStream(), text);
  const variants = [text, text.replaceAll("\n", "\r\n"), text.replaceAll("\n", "\r")];
  variants.push(`: OPENROUTER PROCESSING\n\n${text.replaceAll("\n\n", "\n\n: ping\n\n")}`);
  fc.assert(
    fc.property(fc.constantFrom(...variants), fc.array(fc.nat(2000), { maxLength: 40 }), (variant, cuts) => {
      assert.deepEqual(readAll(readStream(), variant, cuts), expected);
    }),
  );
});

test("two calls with interleaved deltas keep their own arguments", () => {
  const events = read(
    call({ index: 0, id: "a", type: "function", function: { name: "f", arguments: "" } }),
    call({ index: 1, id: "b", type: "function", function: { name: "g", arguments: "" } }),
    call({ index: 0, function: { arguments: '{"a"' } }),
    call({ index: 1, function: { arguments: '{"b"' } }),
    call({ index: 0, function: { arguments: ":1}" } }),
    call({ index: 1, function: { arguments: ":2}" } }),
    chunk({}, "tool_calls"),
    "[DONE]",
  );
  assert.deepEqual(calls(events), [
    ["a", "f", '{"a":1}'],
    ["b", "g", '{"b":2}'],
  ]);
});

test("tool index missing, with gaps or 0 for all: a new id is a new call", () => {
  const whole = (id: string, extra: JsonObject) => call({ id, ...extra, function: { name: "f", arguments: "{}" } });
  const expected = [
    ["a", "f", "{}"],
    ["b", "f", "{}"],
  ];
  assert.deepEqual(calls(read(whole("a", {}), whole("b", {}), stop)), expected);
  assert.deepEqual(calls(read(whole("a", { index: 1 }), whole("b", { index: 3 }), stop)), expected);
  assert.deepEqual(calls(read(whole("a", { index: 0 }), whole("b", { index: 0 }), stop)), expected);
});

test("ids and names that come again, or ids that change without a name, do not open another call", () => {
  const events = read(
    call({ index: 0, id: "a", function: { name: "f", arguments: "1" } }),
    call({ index: 0, id: "a", function: { name: "f", arguments: "2" } }),
    call({ index: 0, id: "rotated", function: { arguments: "3" } }),
    call({ index: 0, id: "", function: { name: "", arguments: "4" } }),
    chunk({}, "tool_calls"),
  );
  assert.deepEqual(calls(events), [["a", "f", "1234"]]);
});

test("a call is not closed because its arguments happen to parse", () => {
  const events = read(
    call({ index: 0, id: "a", function: { name: "f", arguments: "1" } }),
    call({ index: 0, function: { arguments: "2" } }),
    stop,
  );
  assert.deepEqual(calls(events), [["a", "f", "12"]]);
});

test("an id that is missing is made up, the same for the same answer and another for another", () => {
  const delta = {
    tool_calls: [{ function: { name: "f", arguments: "{}" } }, { function: { name: "f", arguments: "{}" } }],
  };
  const [first, second] = calls(read(chunk(delta), stop));
  assert.match(`${first?.[0]}`, /^call_/);
  assert.notEqual(first?.[0], second?.[0]);
  assert.deepEqual(calls(read(chunk(delta), stop)), [first, second]);
  assert.notDeepEqual(calls(read({ ...chunk(delta), id: "c2" }, stop))[0], first);
});

test("arguments before the name wait for it; an object in place of the text is written out", () => {
  const early = read(
    call({ index: 0, id: "a", function: { arguments: "{" } }),
    call({ index: 0, function: { name: "f", arguments: "}" } }),
    stop,
  );
  assert.deepEqual(calls(early), [["a", "f", "{}"]]);
  assert.deepEqual(calls(read(call({ id: "a", function: { name: "f", arguments: { x: 1 } } }), stop)), [
    ["a", "f", '{"x":1}'],
  ]);
});

test("finish_reason stop after tool calls means tool_calls, length stays length", () => {
  const whole = call({ index: 0, id: "a", function: { name: "f", arguments: "{" } });
  assert.equal(response(read(whole, stop)).finish.reason, "tool_calls");
  assert.equal(response(read(whole, chunk({}, "length"))).finish.reason, "length");
  assert.equal(response(read(chunk({ content: "x" }, "brand_new"))).finish.reason, "other");
});

test('finish_reason "" on every chunk is no finish', () => {
  const events = read(chunk({ content: "a" }, ""), chunk({ content: "b" }, ""));
  assert.equal(last(events)?.type, "error");
  assert.equal(response(read(chunk({ content: "a" }, ""), chunk({ content: "b" }, "stop"))).finish.native, "stop");
});

test("content after the finish is still content, and the finish is told once", () => {
  const events = read(chunk({ content: "a" }, "stop"), chunk({ content: "b" }, "stop"), "[DONE]", "[DONE]");
  assert.deepEqual(response(events).parts, [{ type: "text", text: "ab" }]);
  assert.equal(events.filter((event) => event.type === "finish").length, 1);
});

test("no [DONE] after a finish reason is a good end; cut anywhere before it is an error", () => {
  assert.equal(last(read(chunk({ content: "a" }), stop))?.type, "end");
  const frames = [chunk({ role: "assistant" }), chunk({ content: "a" }), chunk({ content: "b" })];
  for (let kept = 0; kept <= frames.length; kept++) {
    const end = last(read(...frames.slice(0, kept)));
    assert.equal(end?.type === "error" && end.failure.kind, "cut");
  }
});

test("an empty stream is not an empty answer", () => {
  assert.equal(last(read("[DONE]"))?.type, "error");
  assert.equal(last(readAll(readStream(), ""))?.type, "error");
});

test("usage counts wherever it comes, the last one wins", () => {
  const usage = (prompt: number) => ({ prompt_tokens: prompt, completion_tokens: 1 });
  const inputs = (...frames: JsonObject[]) => response(read(...frames)).usage?.input;
  assert.equal(inputs({ ...chunk({ content: "a" }), usage: usage(1) }, { ...stop, usage: usage(2) }), 2);
  assert.equal(inputs(stop, { choices: [{ delta: {} }], usage: usage(3) }), 3);
  assert.equal(inputs({ ...stop, x_groq: { usage: usage(4) } }), 4);
  assert.equal(inputs({ choices: [], usage: usage(5) }, stop, { choices: [], usage: null }), 5);
  assert.equal(inputs({ choices: [{ index: 0, delta: {}, finish_reason: "stop", usage: usage(6) }] }), 6);
});

test("details of usage: cached, written, reasoning; DeepSeek's words; never negative, parts never above their whole", () => {
  const usage = (raw: JsonObject) => response(read({ ...stop, usage: raw })).usage;
  const details = {
    prompt_tokens: 10,
    completion_tokens: 4,
    prompt_tokens_details: { cached_tokens: 6, cache_write_tokens: 2 },
    completion_tokens_details: { reasoning_tokens: 9 },
  };
  const { cachedRead, cacheWrite, reasoning } = usage(details) ?? {};
  assert.deepEqual([cachedRead, cacheWrite, reasoning], [6, 2, 4]);
  assert.equal(usage({ prompt_tokens: 10, completion_tokens: 1, prompt_cache_hit_tokens: 7 })?.cachedRead, 7);
  assert.equal(usage({ prompt_tokens: -4, completion_tokens: 1 })?.input, 0);
});

test("an error in a chunk, under event: error, as a bare line or in a choice ends the stream", () => {
  const failed = (text: string) => {
    const end = last(readAll(readStream(), sse(chunk({ content: "a" })) + text));
    return end?.type === "error" ? [end.failure.kind, end.failure.message] : undefined;
  };
  assert.deepEqual(failed(sse({ error: { message: "slow", code: "rate_limit_exceeded" } })), ["rate-limit", "slow"]);
  assert.deepEqual(failed(`event: error\n${sse({ message: "oh", type: "server_error" })}`), ["target", "oh"]);
  assert.deepEqual(failed('{"error":{"message":"bare","code":503}}\n'), ["overloaded", "bare"]);
  assert.deepEqual(failed(sse({ error: "text" })), ["target", "text"]);
  assert.deepEqual(failed(sse({ object: "error", message: "v", code: 400 })), ["caller", "v"]);
  const choice = { delta: {}, finish_reason: "error", error: { message: "upstream", code: 502 } };
  assert.deepEqual(failed(sse({ choices: [choice] })), ["target", "upstream"]);
});

test("Azure's first chunk without choices starts nothing; other choices than the first are passed over", () => {
  const azure = { id: "", model: "", choices: [], prompt_filter_results: [] };
  const other = { id: "c1", model: "m1", choices: [{ index: 1, delta: { content: "NO" }, finish_reason: null }] };
  const events = read(azure, chunk({ content: "a" }), other, stop);
  assert.deepEqual(events[0], { type: "start", id: "c1", model: "m1" });
  assert.deepEqual(response(events).parts, [{ type: "text", text: "a" }]);
});

test("reasoning under each of its names, Mistral's list, refusals and annotations", () => {
  const parts = (...deltas: JsonObject[]) => response(read(...deltas.map((delta) => chunk(delta)), stop)).parts;
  assert.deepEqual(parts({ reasoning: "a" }, { reasoning_content: "b" }), [{ type: "reasoning", text: "ab" }]);
  const mistral = [
    { type: "thinking", thinking: [{ type: "text", text: "t" }] },
    { type: "text", text: "x" },
  ];
  assert.deepEqual(parts({ content: mistral }), [
    { type: "reasoning", text: "t" },
    { type: "text", text: "x" },
  ]);
  assert.deepEqual(parts({ refusal: "no" }), [{ type: "refusal", text: "no" }]);
  const url = { url: "https://a.example", title: "A", start_index: 0, end_index: 1 };
  const [cited] = parts({ content: "a" }, { annotations: [{ type: "url_citation", url_citation: url }] });
  assert.equal(cited?.type === "text" && cited.citations?.[0]?.url, "https://a.example");
});

test("a whole body and a stream of the same answer give the same response", () => {
  const message = {
    role: "assistant",
    content: "x",
    reasoning_content: "r",
    tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
  };
  const usage = { prompt_tokens: 1, completion_tokens: 1 };
  const body = { id: "c1", model: "m1", choices: [{ index: 0, message, finish_reason: "tool_calls" }], usage };
  const streamed = read(
    chunk({ role: "assistant", content: "" }),
    chunk({ reasoning_content: "r" }),
    chunk({ content: "x" }),
    call({ index: 0, id: "a", type: "function", function: { name: "f", arguments: "" } }),
    call({ index: 0, function: { arguments: "{}" } }),
    { ...chunk({}, "tool_calls"), usage },
  );
  assert.deepEqual(response(readResponse(body)), response(streamed));
});

test("a 200 body with an error is an error; what is no chat completion is refused", () => {
  const [, event] = readResponse({ error: { message: "no", code: "context_length_exceeded" } });
  assert.equal(event?.type === "error" && event.failure.kind, "context");
  assert.equal(last(readResponse({ id: "x", choices: [] }))?.type, "error");
  assert.throws(() => readResponse({ type: "message", content: [] }), /not a chat completion/);
  assert.throws(() => readAll(readStream(), "data: <html>\n\n"), /not JSON/);
});

test("xAI's reasoning stands beside the completion's tokens: the total tells", () => {
  const usage = { prompt_tokens: 12, completion_tokens: 2, completion_tokens_details: { reasoning_tokens: 340 } };
  const output = (total: number) => response(read({ ...stop, usage: { ...usage, total_tokens: total } })).usage?.output;
  assert.equal(output(354), 342);
  assert.equal(output(14), 2);
});

test("Perplexity's list of sources becomes citations, unless the text has some of its own", () => {
  const said = { ...chunk({ content: "It rains [1]" }), citations: ["https://a.test", "https://b.test"] };
  const [part] = response(read({ ...said, citations: ["https://a.test"] }, { ...said, ...stop }, "[DONE]")).parts;
  assert.deepEqual(part?.type === "text" && part.citations, [{ url: "https://a.test" }, { url: "https://b.test" }]);
  const own = { type: "url_citation", url_citation: { url: "https://own.test" } };
  const [cited] = response(read(said, chunk({ annotations: [own] }), stop, "[DONE]")).parts;
  assert.deepEqual(cited?.type === "text" && cited.citations?.map(({ url }) => url), ["https://own.test"]);
});
