import { deepEqual, equal, match, throws } from "node:assert/strict";
import { test } from "node:test";
import type { ChatEvent } from "../../src/core/event.ts";
import { emptyRequest } from "../../src/core/request.ts";
import { AnswerGrammar } from "../../src/pipeline/stages/answer-grammar.ts";
import { PROVIDER_HALVES } from "../../src/wire/registry.ts";
import { answerContext } from "../support/answers.ts";
import { checkStream } from "../support/check-stream.ts";
import type { ClientFormat } from "../support/clients/heard.ts";
import { readAll } from "../support/streams.ts";
import type { UpstreamFormat } from "../support/upstream/answer.ts";
import { CLIENT_HALVES, eventsFrom, writtenFor } from "./translate.ts";

// What providers say against the grammar of their own API, and what clients of every API then hear. Found by the fuzzer.

const CLIENTS = Object.keys(CLIENT_HALVES) as ClientFormat[];

function sse(...frames: object[]): string {
  return frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join("");
}

function chat(...deltas: object[]): string {
  const chunks = deltas.map((delta) => ({ id: "c", choices: [{ index: 0, delta }] }));
  return `${sse(...chunks, { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}data: [DONE]\n\n`;
}

function messages(...frames: object[]): string {
  return sse({ type: "message_start", message: { id: "msg_1", model: "m" } }, ...frames, { type: "message_stop" });
}

function gemini(part: object): string {
  return sse({ responseId: "r", candidates: [{ content: { parts: [part] }, finishReason: "STOP" }] });
}

function responses(...frames: object[]): string {
  const response = { id: "resp_1", model: "m", status: "completed", output: [] };
  return sse({ type: "response.created", response }, ...frames, { type: "response.completed", response });
}

function readBy(format: UpstreamFormat, text: string): ChatEvent[] {
  const half = PROVIDER_HALVES.get(format);
  if (!half) throw new Error(`nobody reads ${format}`);
  return readAll(half.readStream(), text);
}

/** What a client hears, and what it is told to have lost. */
function heard(client: ClientFormat, events: readonly ChatEvent[]): { text: string; losses: string[] } {
  const losses: string[] = [];
  const request = { ...emptyRequest(client, "m"), includeUsage: true, stream: true };
  const context = answerContext({ request, lost: (field) => void losses.push(field) });
  const writer = CLIENT_HALVES[client].writeStream(context);
  const text = events.map((event) => writer.write(event)).join("");
  checkStream(client, Buffer.from(text));
  return { text, losses };
}

test("a call without a name is an error, whoever made it", () => {
  const nameless: [UpstreamFormat, string][] = [
    ["openai", chat({ tool_calls: [{ index: 0, id: "a", type: "function", function: { arguments: "{}" } }] })],
    ["openai", chat({ tool_calls: [{ index: 0, function: { name: "", arguments: "{}" } }] })],
    ["anthropic", messages({ type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "a" } })],
    ["gemini", gemini({ functionCall: { args: {} } })],
    ["gemini", gemini({ functionCall: { name: "", args: {} } })],
    ["ollama", '{"message":{"tool_calls":[{"function":{"arguments":{}}}]},"done":true}\n'],
    ["openai-responses", responses({ type: "response.output_item.added", item: { type: "function_call", id: "a" } })],
    [
      "openai-responses",
      responses({ type: "response.output_item.done", item: { type: "function_call", id: "a", namespace: "n" } }),
    ],
  ];
  for (const [format, text] of nameless) {
    throws(() => readBy(format, text), /without naming it/, `${format}: ${text}`);
    for (const client of CLIENTS) match(heard(client, eventsFrom(format, Buffer.from(text))).text, /naming it/);
  }
});

test("a call that was begun and holds nothing is none; one that is named late is one", () => {
  const begun = chat({ content: "hi" }, { tool_calls: [{ index: 0, function: { arguments: "" } }] });
  deepEqual(
    readBy("openai", begun).map(({ type }) => type),
    ["start", "block-start", "text-delta", "block-end", "finish", "end"],
  );
  const item = { type: "function_call", id: "a", call_id: "b" };
  const late = responses(
    { type: "response.output_item.added", output_index: 0, item },
    { type: "response.output_item.done", output_index: 0, item: { ...item, name: "look", arguments: "{}" } },
  );
  match(JSON.stringify(readBy("openai-responses", late)), /"id":"b","name":"look"/);
});

test("a call cut for an unknown reason is not one to run; what stops behind a call waits for it", () => {
  const item = { type: "function_call", call_id: "b", name: "look", arguments: '{"a":' };
  const cut = responses({ type: "response.output_item.done", item }, { type: "response.incomplete", response: {} });
  const ends = (events: readonly ChatEvent[], client: ClientFormat) =>
    /"(?:finish_reason|stop_reason)":"(\w+)"|response\.(incomplete|completed)/
      .exec(heard(client, events).text)
      ?.slice(1);
  const events = readBy("openai-responses", cut);
  deepEqual(ends(events, "openai"), ["length", undefined]);
  deepEqual(ends(events, "anthropic"), ["max_tokens", undefined]);
  deepEqual(ends(events, "openai-responses"), [undefined, "incomplete"]);
  for (const native of ["stop_sequence", "pause_turn"]) {
    const call = { type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "a", name: "look" } };
    const stop = { type: "message_delta", delta: { stop_reason: native } };
    deepEqual(ends(readBy("anthropic", messages(call, stop)), "openai"), ["tool_calls", undefined]);
  }
});

test("a call of Messages without an id gets one", () => {
  const frame = { type: "content_block_start", index: 0, content_block: { type: "tool_use", name: "look" } };
  const events = readBy("anthropic", messages(frame));
  match(JSON.stringify(events), /"type":"tool-call","id":"call_[0-9a-f]{24}","name":"look"/);
  for (const client of CLIENTS) checkStream(client, writtenFor(client, events));
});

test("what Messages says behind its stop_reason comes before the finish", () => {
  const delta = { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 3 } };
  const late = { type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "a", name: "look" } };
  const events = readBy("anthropic", messages(delta, late));
  deepEqual(
    events.map((event) => (event.type === "finish" ? event.reason : event.type)),
    ["start", "usage", "block-start", "arguments-delta", "block-end", "tool_calls", "end"],
  );
  for (const client of CLIENTS) checkStream(client, writtenFor(client, events));
});

test("a block of no kind is not told even to clients of its own API, and is said to be lost", () => {
  const kindless: [ClientFormat & UpstreamFormat, string, string][] = [
    ["gemini", gemini({ codeless: "x" }), "codeless"],
    ["gemini", gemini({ text: 5 }), "text"],
    ["gemini", gemini({ text: { a: 1 } }), "text"],
    ["gemini", gemini({ executableCode: {}, codeExecutionResult: {} }), "executableCode"],
    ["anthropic", messages({ type: "content_block_start", index: 0, content_block: { type: 5 } }), "block"],
    ["openai-responses", responses({ type: "response.output_item.done", item: { type: {} } }), "item"],
  ];
  for (const [format, text, what] of kindless)
    deepEqual(heard(format, eventsFrom(format, Buffer.from(text))).losses, [what]);
});

test("a part of Gemini's of a kind that is new goes on to its clients", () => {
  const events = eventsFrom("gemini", Buffer.from(gemini({ hologram: { data: "x" }, videoMetadata: { fps: 1 } })));
  const { text, losses } = heard("gemini", events);
  match(text, /"hologram":\{"data":"x"\}/);
  deepEqual(losses, []);
});

test("the grammar of answers: blocks have ended at the finish, none comes behind it, calls have an id and a name", () => {
  const start: ChatEvent = { type: "start", id: "a", model: "m" };
  const block: ChatEvent = { type: "block-start", index: 0, block: { type: "text" } };
  const call = { type: "tool-call", id: "a", name: "look", kind: "function" } as const;
  const finish: ChatEvent = { type: "finish", reason: "stop" };
  const checked = (...events: ChatEvent[]) => {
    const grammar = new AnswerGrammar();
    for (const event of events) grammar.checked(event);
  };
  throws(() => checked(start, block, finish), /finish while a block is open/);
  throws(() => checked(start, finish, block), /block-start behind the finish/);
  const part = { type: "opaque", dialect: "gemini", what: "x", value: {} } as const;
  throws(() => checked(start, finish, { type: "opaque", index: 0, part }), /opaque behind the finish/);
  for (const lacking of [{ name: "" }, { id: "" }])
    throws(() => checked(start, { type: "block-start", index: 0, block: { ...call, ...lacking } }), /no event/);
  const grammar = new AnswerGrammar();
  deepEqual(
    [start, block, finish, block, { type: "end" } as const].flatMap((event) => grammar.mended(event)),
    [start, block, { type: "block-end", index: 0 }, finish, { type: "end" }],
  );
  equal(grammar.mended(finish).length, 0);
});
