import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { ChatEvent } from "../core/event.ts";
import type { Json } from "../core/json.ts";
import type { TokenLogprob } from "../core/part.ts";
import { eventsOf, reduceEvents } from "../core/response.ts";
import { readResponse as readGemini } from "./gemini/answer/read-response.ts";
import { readLogprobs, writeLogprobs } from "./logprobs.ts";
import { OllamaAnswer } from "./ollama/answer/read-answer.ts";
import { readResponse as readChat } from "./openai/answer/read-response.ts";
import { ResponsesProtocol } from "./openai-responses/answer/read-stream.ts";

const wire = (token: string) => ({ token, logprob: -0.5, bytes: [...Buffer.from(token)], top_logprobs: [] });
const read = (token: string): TokenLogprob => ({ token, logprob: -0.5, bytes: [...Buffer.from(token)], top: [] });

/** The tokens of each text of an answer. */
function tokensIn(events: readonly ChatEvent[]): (string[] | undefined)[] {
  const { parts } = reduceEvents(events).response();
  return parts.flatMap((part) => (part.type === "text" ? [part.logprobs?.map(({ token }) => token)] : []));
}

test("tokens are read and written with what else was likely; none at all is nothing", () => {
  const said = [{ ...wire("é"), top_logprobs: [{ token: "e", logprob: -1, bytes: [101] }] }];
  deepEqual(writeLogprobs(readLogprobs(said) ?? []), said);
  for (const none of [undefined, null, []]) equal(readLogprobs(none), undefined);
});

test("bytes nobody told are those of the text, but not of a piece of a character", () => {
  const written = writeLogprobs([
    { token: "a", logprob: -1, top: [] },
    { token: "\uFFFD", logprob: -1, top: [] },
  ]);
  deepEqual(
    written.map(({ bytes }) => bytes),
    [[97], null],
  );
});

test("tokens add up over deltas, empty ones too, and a whole answer is streamed with them", () => {
  const events: ChatEvent[] = [
    { type: "start", id: "a", model: "m" },
    { type: "block-start", index: 0, block: { type: "text" } },
    { type: "text-delta", index: 0, text: "", logprobs: [read("\uFFFD")] },
    { type: "text-delta", index: 0, text: "é", logprobs: [read("b")] },
    { type: "block-end", index: 0 },
    { type: "end" },
  ];
  deepEqual(tokensIn(events), [["\uFFFD", "b"]]);
  deepEqual(tokensIn(eventsOf(reduceEvents(events).response())), [["\uFFFD", "b"]]);
});

test("Chat: tokens of an empty delta count, an empty list opens no block", () => {
  const body = (content: string | null, tokens: Json[]) => ({
    choices: [{ message: { content }, logprobs: { content: tokens, refusal: null }, finish_reason: "stop" }],
  });
  deepEqual(tokensIn(readChat(body("", [wire("\uFFFD")]))), [["\uFFFD"]]);
  deepEqual(tokensIn(readChat(body("", []))), []);
  deepEqual(tokensIn(readChat(body(null, [wire("{")]))), []);
});

test("Responses: what the deltas told is not told again by the events that sum them up", () => {
  const at = { output_index: 0, content_index: 0 };
  const whole = { text: "ab", logprobs: [wire("a"), wire("b")] };
  const item = { type: "message", id: "m", content: [{ type: "output_text", ...whole }] };
  const answers = (...frames: { type: string; [key: string]: Json }[]): (string[] | undefined)[] => {
    const out: ChatEvent[] = [];
    const protocol = new ResponsesProtocol();
    for (const frame of frames) protocol.frame("", frame, out);
    return tokensIn(out);
  };
  const delta = (text: string, logprobs: Json[]) => ({
    type: "response.output_text.delta",
    ...at,
    delta: text,
    logprobs,
  });
  const done = { type: "response.output_text.done", ...at, ...whole };
  const closing = [
    { type: "response.content_part.done", ...at, part: { type: "output_text", ...whole } },
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response: { status: "completed", output: [item] } },
  ];
  deepEqual(answers(delta("a", [wire("a")]), delta("b", [wire("b")]), done, ...closing), [["a", "b"]]);
  deepEqual(answers(delta("a", []), delta("b", []), done, ...closing), [["a", "b"]]);
  deepEqual(answers(...closing), [["a", "b"]]);
});

test("Ollama: of a whole answer's tokens those of the thoughts stand before those of the text", () => {
  const out: ChatEvent[] = [];
  const message = { role: "assistant", thinking: "hm", content: "ab" };
  const line = { model: "m", message, logprobs: ["hm", "a", "b"].map(wire), done: true, done_reason: "stop" };
  new OllamaAnswer().frame("", line, out);
  deepEqual(tokensIn(out), [["a", "b"]]);
});

test("Gemini: tokens of a chunk without text belong to the text before it; without any text they open no block", () => {
  const answer = (parts: Json[]) => ({
    candidates: [
      {
        content: { parts },
        finishReason: "STOP",
        logprobsResult: { chosenCandidates: [{ token: "a", logProbability: -1 }] },
      },
    ],
  });
  deepEqual(tokensIn(readGemini(answer([{ text: "a" }]))), [["a"]]);
  deepEqual(tokensIn(readGemini(answer([{ functionCall: { name: "f", args: {} } }]))), []);
});
