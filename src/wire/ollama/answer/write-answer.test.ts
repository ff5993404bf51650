import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Ollama } from "ollama";
import { answerContext, anyEvents, anyResponse } from "../../../../test/support/answers.ts";
import { readAll } from "../../../../test/support/streams.ts";
import type { ChatEvent, FinishReason } from "../../../core/event.ts";
import { type ChatResponse, eventsOf, type ResponseBuilder, reduceEvents } from "../../../core/response.ts";
import { reportedUsage } from "../../../core/usage.ts";
import type { AnswerContext } from "../../format.ts";
import { ollamaClient } from "../client.ts";
import { ollamaProvider } from "../provider.ts";
import { gather } from "./write-response.ts";

function write(events: readonly ChatEvent[], context: AnswerContext = answerContext()): string {
  const writer = ollamaClient.writeStream(context);
  return events.map((event) => writer.write(event)).join("");
}

function partsOf(read: ResponseBuilder): ReturnType<typeof gather> {
  return gather(read.response().parts, answerContext());
}

/** Each look at the clock is 100 ms later. */
function ticking(): () => number {
  let now = 0;
  return () => {
    now += 100;
    return now;
  };
}

const EVENTS: ChatEvent[] = [
  { type: "start", id: "msg_1", model: "claude" },
  { type: "block-start", index: 0, block: { type: "reasoning" } },
  { type: "reasoning-delta", index: 0, text: "Hm." },
  { type: "block-end", index: 0, state: { dialect: "anthropic", kind: "signature", value: "s" } },
  { type: "ping" },
  { type: "block-start", index: 1, block: { type: "text" } },
  { type: "text-delta", index: 1, text: "Hi" },
  { type: "text-delta", index: 1, text: "" },
  { type: "block-end", index: 1 },
  { type: "block-start", index: 2, block: { type: "tool-call", id: "a", name: "look", kind: "function" } },
  { type: "block-start", index: 3, block: { type: "tool-call", id: "b", name: "walk", kind: "function" } },
  { type: "arguments-delta", index: 2, text: '{"z":' },
  { type: "arguments-delta", index: 3, text: "" },
  { type: "arguments-delta", index: 2, text: '1,"a":2}' },
  { type: "block-end", index: 2 },
  { type: "block-end", index: 3 },
  { type: "finish", reason: "tool_calls" },
  { type: "usage", usage: reportedUsage({ input: 26, output: 9, cachedRead: 20 }) },
  { type: "end" },
];

test("a stream, byte for byte", () => {
  const begin = '{"model":"claude","created_at":"2026-11-23T12:00:00.000Z",';
  const say = (message: string) => `${begin}"message":{"role":"assistant",${message}},"done":false}\n`;
  assert.equal(
    write(EVENTS),
    say('"content":"","thinking":"Hm."') +
      say('"content":""') +
      say('"content":"Hi"') +
      say('"content":"","tool_calls":[{"id":"a","function":{"index":0,"name":"look","arguments":{"z":1,"a":2}}}]') +
      say('"content":"","tool_calls":[{"id":"b","function":{"index":1,"name":"walk","arguments":{}}}]') +
      `${begin}"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":1,` +
      '"load_duration":0,"prompt_eval_count":26,"prompt_eval_cached_count":20,"prompt_eval_duration":1,"eval_count":9,"eval_duration":1}\n',
  );
});

test("durations are nanoseconds of our own clock, times are RFC 3339", () => {
  const lines = write(
    [{ type: "start", id: "", model: "" }, { type: "text-delta", index: 0, text: "a" }, { type: "end" }],
    answerContext({ elapsedMs: ticking() }),
  );
  const [first, last] = lines
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(first.created_at, "2026-11-23T12:00:00.200Z");
  assert.equal(first.model, "asked-model");
  assert.equal(last.total_duration, 400_000_000);
  assert.equal(last.prompt_eval_duration, 100_000_000);
  assert.equal(last.eval_duration, 300_000_000);
  assert.equal(last.prompt_eval_count, 7, "the estimate, as long as nobody said");
});

test("a call is written when it is complete, not when its JSON happens to parse (vercel/ai ac306ed)", () => {
  const writer = ollamaClient.writeStream(answerContext());
  writer.write({ type: "block-start", index: 0, block: { type: "tool-call", id: "a", name: "t", kind: "function" } });
  for (const text of ['{"a":1}', "   "]) assert.equal(writer.write({ type: "arguments-delta", index: 0, text }), "");
  assert.match(writer.write({ type: "block-end", index: 0 }), /"arguments":\{"a":1\}/);
});

test("a call nobody ended is in the answer all the same, before the last line", () => {
  const lines = write([
    { type: "block-start", index: 0, block: { type: "tool-call", id: "a", name: "t", kind: "custom" } },
    { type: "arguments-delta", index: 0, text: "free text" },
    { type: "finish", reason: "length" },
    { type: "end" },
  ]).split("\n");
  assert.match(lines[0] ?? "", /"arguments":\{"input":"free text"\}/);
  assert.match(lines[1] ?? "", /"done":true,"done_reason":"length"/);
});

test("both limits are a length, everything else a stop", () => {
  const said = (reason: FinishReason) =>
    /"done_reason":"(\w+)"/.exec(write([{ type: "finish", reason }, { type: "end" }]))?.[1];
  assert.deepEqual([said("length"), said("context")], ["length", "length"]);
  for (const reason of ["stop", "stop_sequence", "tool_calls", "refusal", "pause", "other"] as const)
    assert.equal(said(reason), "stop", reason);
});

test("an error is one line and the last: nothing says done (BerriAI/litellm#32475)", () => {
  const text = write([...EVENTS.slice(0, 7), { type: "error", failure: { kind: "overloaded", message: "too busy" } }]);
  assert.ok(text.endsWith('\n{"error":"too busy"}\n'));
  assert.doesNotMatch(text, /"done":true/);
});

test("errors have Ollama's shape", () => {
  const error = { status: 401, code: "bad_key", message: "no key", own: true } as const;
  assert.deepEqual(ollamaClient.writeError(error), { error: "no key" });
});

test("whatever is streamed, our own reader sees the same text, thinking and calls", () => {
  fc.assert(
    fc.property(anyEvents, fc.integer({ min: 1, max: 50 }), (events, size) => {
      const read = reduceEvents(readAll(ollamaProvider.readStream(), write(events), [size]));
      assert.equal(read.closed, true);
      assert.equal(read.failure, undefined);
      const [sent, seen] = [partsOf(reduceEvents(events)), partsOf(read)];
      assert.equal(seen.text, sent.text);
      assert.equal(seen.thinking, sent.thinking);
      assert.deepEqual(seen.calls.map((call) => call.id).toSorted(), sent.calls.map((call) => call.id).toSorted());
    }),
  );
});

test("whole and streamed answers say the same", () => {
  fc.assert(
    fc.property(anyResponse, (response) => {
      const whole = reduceEvents(ollamaProvider.readResponse(ollamaClient.writeResponse(response, answerContext())));
      const streamed = reduceEvents(readAll(ollamaProvider.readStream(), write(eventsOf(response))));
      // Ids the provider left empty are made from the place of the call: equal here as well.
      assert.deepEqual(partsOf(streamed), partsOf(whole));
      assert.deepEqual(streamed.response().finish, whole.response().finish);
      assert.deepEqual(streamed.usage, whole.usage);
    }),
  );
});

/** The official client, talking to text instead of a server. */
function client(body: string, status = 200): Ollama {
  return new Ollama({ fetch: async () => new Response(body, { status }) });
}

const question = { model: "m", messages: [{ role: "user", content: "hi" }] };

test("the official SDK reads the stream", async () => {
  const seen = { text: "", thinking: "", calls: [""], reasons: [""] };
  for await (const part of await client(write(EVENTS)).chat({ ...question, stream: true })) {
    seen.text += part.message.content;
    seen.thinking += part.message.thinking ?? "";
    for (const call of part.message.tool_calls ?? []) seen.calls.push(JSON.stringify(call.function.arguments));
    if (part.done) seen.reasons.push(part.done_reason);
  }
  assert.deepEqual(seen, { text: "Hi", thinking: "Hm.", calls: ["", '{"z":1,"a":2}', "{}"], reasons: ["", "stop"] });
});

test("the official SDK reads a whole answer", async () => {
  const response = reduceEvents(EVENTS).response();
  const body = JSON.stringify(ollamaClient.writeResponse(response, answerContext()));
  const answer = await client(body).chat(question);
  assert.equal(answer.message.content, "Hi");
  assert.equal(answer.message.thinking, "Hm.");
  assert.deepEqual(
    answer.message.tool_calls?.map((call) => call.function.name),
    ["look", "walk"],
  );
  assert.equal(answer.eval_count, 9);
});

test("the official SDK throws for an error, before and in the stream", async () => {
  const body = JSON.stringify(ollamaClient.writeError({ status: 404, code: "not-found", message: "no m", own: false }));
  await assert.rejects(client(body, 404).chat(question), /no m/);
  const cut = write([...EVENTS.slice(0, 7), { type: "error", failure: { kind: "cut", message: "cut off" } }]);
  await assert.rejects(async () => {
    for await (const part of await client(cut).chat({ ...question, stream: true })) assert.equal(part.done, false);
  }, /cut off/);
});

test("the official SDK's request is read", async () => {
  let sent = "";
  const capture: typeof fetch = async (_url, init) => {
    sent = String(init?.body);
    return new Response("{}");
  };
  const ollama = new Ollama({ fetch: capture });
  await ollama.chat({
    ...question,
    messages: [
      { role: "user", content: "hi", images: [new Uint8Array([0x89, 0x50, 0x4e, 0x47])] },
      { role: "assistant", content: "", tool_calls: [{ function: { name: "t", arguments: { a: 1 } } }] },
      { role: "tool", content: "r", tool_name: "t" },
    ],
    think: "low",
    format: "json",
    keep_alive: "1m",
    options: { temperature: 0, num_ctx: 9 },
  });
  const request = ollamaClient.readRequest(JSON.parse(sent), {});
  assert.deepEqual(
    request.messages.map((message) => message.parts.map((part) => part.type)),
    [["text", "image"], ["tool-call"], ["tool-result"]],
  );
  assert.equal(request.stream, false);
  assert.deepEqual(request.extra, { keep_alive: "1m", "options.num_ctx": 9 });
});

test("what has no place in an answer of Ollama's is told, once, whole and streamed", () => {
  const citations = [{ url: "https://a.example" }, { url: "https://b.example" }];
  const search = { id: "s", queries: ["q"], results: [] };
  const response: ChatResponse = {
    id: "a",
    model: "m",
    parts: [
      { type: "opaque", dialect: "anthropic", what: "server_tool_use", value: {}, search },
      { type: "text", text: "t", citations },
    ],
    finish: { reason: "stop" },
  };
  for (const say of [
    (context: AnswerContext) => void ollamaClient.writeResponse(response, context),
    (context: AnswerContext) => void write(eventsOf(response), context),
  ]) {
    const lost: string[] = [];
    say(answerContext({ lost: (field, treatment) => void lost.push(`${field} ${treatment}`) }));
    assert.deepEqual(lost, ["server_tool_use dropped", "citations dropped"]);
  }
});
