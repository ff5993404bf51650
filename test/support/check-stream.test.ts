import { throws } from "node:assert/strict";
import { describe, test } from "node:test";
import { checkStream } from "./check-stream.ts";
import { CLIENT_FORMATS, type ClientFormat } from "./clients/heard.ts";
import { type Answer, data, named, type UpstreamDialect } from "./upstream/answer.ts";
import { anthropic } from "./upstream/anthropic.ts";
import { gemini } from "./upstream/gemini.ts";
import { generate, ollama } from "./upstream/ollama.ts";
import { completions, openai } from "./upstream/openai.ts";
import { responses } from "./upstream/responses.ts";

// A checker that accepts everything passes every test: each of its rules is shown a stream that breaks it.

const ANSWER: Answer = {
  thinking: { text: "hm", state: "c2ln" },
  text: "hello",
  citations: [{ url: "https://paper.test", title: "Paper", cited: "hello" }],
  toolCalls: [
    { id: "call_1", name: "look", args: '{"at":"a b c"}' },
    { id: "call_2", name: "now", args: "{}" },
  ],
};

/** Changes the frames of a good stream; `find` throws when there is none, so that no case tests nothing. */
type Mutation = (frames: string[]) => string[];

function at(frames: string[], what: string | RegExp, nth = 0): number {
  const places = frames.flatMap((frame, place) => (new RegExp(what).test(frame) ? [place] : []));
  const place = places.at(nth);
  if (place === undefined) throw new Error(`no frame ${nth} with ${what}`);
  return place;
}
const without =
  (what: string | RegExp, nth = 0): Mutation =>
  (frames) =>
    frames.toSpliced(at(frames, what, nth), 1);
const twice =
  (what: string | RegExp, nth = 0): Mutation =>
  (frames) =>
    frames.toSpliced(at(frames, what, nth), 0, frames[at(frames, what, nth)] ?? "");
const swapped =
  (what: string | RegExp, nth = 0): Mutation =>
  (frames) => {
    const place = at(frames, what, nth);
    return frames.toSpliced(place, 2, ...frames.slice(place, place + 2).reverse());
  };
const edited =
  (what: string | RegExp, from: string | RegExp, to: string, nth = 0): Mutation =>
  (frames) => {
    const place = at(frames, what, nth);
    const changed = (frames[place] ?? "").replace(from, to);
    if (changed === frames[place]) throw new Error(`${from} is not in ${changed}`);
    return frames.with(place, changed);
  };
const inserted =
  (before: string | RegExp, frame: string): Mutation =>
  (frames) =>
    frames.toSpliced(at(frames, before), 0, frame);
const appended =
  (frame: string): Mutation =>
  (frames) => [...frames, frame];

interface Case {
  dialect: UpstreamDialect;
  /** What breaks which rule: the words of the rule. */
  bad: [string, Mutation, RegExp][];
}

const DONE = "data: [DONE]\n\n";
const CHAT_ERROR = data({ error: { message: "it broke" } });

const GEMINI_ERROR = data({ error: { code: 503, message: "it broke", status: "UNAVAILABLE" } });

const CASES: Record<ClientFormat, Case> = {
  openai: {
    dialect: openai,
    bad: [
      ["no terminal", without("DONE"), /no terminal/],
      ["two terminals", appended(DONE), /after the terminal/],
      ["an error behind [DONE]", appended(CHAT_ERROR), /after the terminal/],
      ["[DONE] behind an error", (frames) => [...frames.slice(0, -2), CHAT_ERROR, DONE], /after the terminal/],
      ["[DONE] alone", () => [DONE], /without any chunk/],
      ["no role", edited("assistant", '"role":"assistant",', ""), /role is in the first chunk/],
      ["the role twice", twice("assistant"), /role is in the first chunk/],
      ["no finish", without('finish_reason":"tool_calls'), /usage before the finish|no finish_reason/],
      ["two finishes", twice('finish_reason":"tool_calls'), /after the finish_reason/],
      ["the usage before the finish", swapped('finish_reason":"tool_calls'), /usage before the finish/],
      ["an empty finish", edited("content", '"finish_reason":null', '"finish_reason":""'), /finish_reason is ""/],
      ["no key finish_reason", edited("content", ',"finish_reason":null', ""), /without the key finish_reason/],
      ["finish with content", edited('"tool_calls"}', '"delta":{}', '"delta":{"content":"x"}'), /chunk of its own/],
      ["stop with calls", edited('"tool_calls"}', '"tool_calls"}', '"stop"}'), /stop, though tools were called/],
      ["usage twice", twice('"prompt_tokens"'), /after the usage/],
      ["usage that does not add up", edited('"total_tokens"', /"total_tokens":\d+/, '"total_tokens":1'), /add up/],
      ["a call without a name", edited("call_1", '"name":"look",', ""), /without its id or its name/],
      ["a gap in the indices", edited("call_2", '"index":1', '"index":2'), /index of a call/],
      ["a call that opens twice", twice("call_1"), /opens twice/],
      ["a call of no type", edited("call_1", '"type":"function",', ""), /call of type/],
      ["another id", edited("content", "chatcmpl-1", "chatcmpl-2", 1), /same in each chunk/],
      ["a name", (frames) => [`event: chunk\n${frames[0]}`, ...frames.slice(1)], /have no name/],
      ["a comment as data", inserted("content", "data: : ping\n\n"), /not a JSON object/],
      ["half a frame", edited("content", /"\}.*/, "\n\n", 2), /not a JSON object/],
    ],
  },
  "openai-completions": {
    dialect: completions,
    bad: [
      ["no terminal", without("DONE"), /no terminal/],
      ["two terminals", appended(DONE), /after the terminal/],
      ["no finish", without('finish_reason":"stop'), /no finish_reason/],
      ["chunks of Chat", edited("text_completion", "text_completion", "chat.completion.chunk"), /chat.completion/],
      ["no text", edited("text_completion", '"text":"hell",', ""), /without its text/],
      ["tool_calls", edited('"stop"', '"stop"', '"tool_calls"'), /./],
    ],
  },
  "openai-responses": {
    dialect: responses,
    bad: [
      ["no terminal", without("response.completed"), /no terminal/],
      ["two terminals", twice("response.completed"), /after the terminal/],
      ["a gap in the numbers", without("output_text.delta"), /no gap/],
      ["not created first", (frames) => frames.slice(1), /no gap|created/],
      ["another API's end", appended(DONE), /another API/],
      ["an event without its name", edited("output_text.done", /^event: .*\n/, ""), /name is its type/],
      ["another item's id", edited("output_text.delta", /"item_id":"[^"]+"/, '"item_id":"msg_9"'), /msg_9/],
      ["another text at the end", edited("output_text.done", '"text":"hello"', '"text":"hell"'), /hell/],
      ["other arguments", edited("arguments.done", "a b c", "a b d"), /a b d/],
      ["an empty id", edited("item.added.*call_1", /"id":"fc[^"]+"/, '"id":""'), /id is empty/],
      ["an id twice", edited("item.added.*call_2", '"call_id":"call_2"', '"call_id":"call_1"'), /comes twice/],
      ["another output", edited("response.completed", '"name":"now"', '"name":"then"'), /then/],
      ["no usage", edited("response.completed", /"usage":\{.*\}\}\}/, '"usage":null}}'), /./],
      ["an item outside its place", edited("item.done", '"output_index":1', '"output_index":2', 1), /2/],
    ],
  },
  anthropic: {
    dialect: anthropic,
    bad: [
      ["no terminal", without("message_stop"), /no terminal/],
      ["two terminals", twice("message_stop"), /after the terminal/],
      [
        "message_stop behind an error",
        inserted("message_stop", named("error", { type: "error", error: { type: "api_error" } })),
        /after the terminal/,
      ],
      ["[DONE]", appended(DONE), /another API/],
      ["two message_start", twice("message_start"), /two message_start/],
      ["no message_start", without("message_start"), /before message_start/],
      ["no message_delta", without("message_delta"), /without message_delta/],
      ["two message_delta", twice("message_delta"), /two message_delta/],
      ["a block that never ends", without("content_block_stop"), /while another is open/],
      ["a block that never begins", without("content_block_start"), /without an open block/],
      ["a gap in the indices", edited("block_start.*call_2", '"index":3', '"index":4'), /contiguous/],
      ["a delta of another block", edited("text_delta", '"index":1', '"index":0'), /not open/],
      ["no signature", without("signature_delta"), /without its signature/],
      ["thinking behind the signature", twice("signature_delta"), /after the signature/],
      ["arguments at the start", edited("block_start.*call_1", '"input":{}', '"input":{"a":1}'), /empty input/],
      ["input on text", edited('block_start.*"text"', '"text":""', '"text":"","input":{}'), /input on a text block/],
      ["no usage at the start", edited("message_start", /,"usage":\{.*\}\}\}/, "}}"), /no usage/],
      [
        "text in a thinking block",
        edited("thinking_delta", "thinking_delta", "text_delta"),
        /text_delta in a thinking/,
      ],
      ["an event without its name", edited("text_delta", /^event: .*\n/, ""), /name is its type/],
      ["an unknown event", inserted("message_delta", named("keepalive", { type: "keepalive" })), /unknown event/],
    ],
  },
  ollama: {
    dialect: ollama,
    bad: [
      ["no terminal", without('"done":true'), /no line with done/],
      ["two terminals", twice('"done":true'), /after the last line/],
      ["an error behind the end", appended('{"error":"it broke"}\n'), /after the last line/],
      ["an error that is an object", appended('{"error":{"message":"x"}}\n'), /after the last line/],
      ["arguments as text", edited("tool_calls", '"arguments":{}', '"arguments":"{}"'), /are an object/],
      ["a call in the last line", edited('"done":true', '"content":""', '"content":"","tool_calls":[{}]'), /last line/],
      ["calls out of order", edited("tool_calls", '"index":1', '"index":0'), /counted from 0/],
      ["no reason", edited('"done":true', /"done_reason":"stop",/, ""), /no done_reason/],
      ["no counts", edited('"done":true', /"eval_count":\d+,/, ""), /no eval_count/],
      ["counts too early", edited('"done":false', '"done":false', '"done":false,"eval_count":1'), /before the last/],
      ["no message", edited('"done":false', /"message":\{[^}]*\},/, ""), /without its message/],
      ["[DONE]", appended(DONE), /not a line of JSON/],
    ],
  },
  gemini: {
    dialect: gemini,
    bad: [
      ["no terminal", without("finishReason"), /neither a finish reason/],
      ["two terminals", twice("finishReason"), /after the last/],
      ["an error behind the end", appended(GEMINI_ERROR), /after the last/],
      ["[DONE]", appended(DONE), /not a data line/],
      ["a comment", inserted("finishReason", ": ping\n\n"), /not a data line/],
      ["a comment in an event", edited("finishReason", "data:", ": ping\ndata:"), /not a data line/],
      ["a name", edited("finishReason", "data:", "event: chunk\ndata:"), /not a data line/],
      ["a part of two kinds", edited("functionCall", '"functionCall"', '"text":"x","functionCall"'), /of one kind/],
      ["a part of no kind", edited("hell", '"text":"hell"', '"texts":"hell"'), /of one kind/],
      ["a call without a name", edited("functionCall", '"name":"look",', ""), /has a name/],
      ["arguments as text", edited("functionCall", /"args":\{[^}]*\}/, '"args":"{}"'), /has a name/],
      ["another id", edited("finishReason", "resp_1", "resp_2"), /one id/],
      ["counts that fall", edited("finishReason", /"promptTokenCount":\d+/, '"promptTokenCount":1'), /falls/],
      ["a total that is no sum", edited("hell", /"totalTokenCount":\d+/, '"totalTokenCount":99999'), /the sum/],
      ["an error without a number", () => [GEMINI_ERROR.replace("503", '"503"')], /numeric code/],
      ["no candidate", edited("hell", /"candidates":\[.*\],"usage/, '"usage'), /one candidate/],
    ],
  },
  "ollama-generate": {
    dialect: generate,
    bad: [
      ["no terminal", without('"done":true'), /no line with done/],
      ["two terminals", twice('"done":true'), /after the last line/],
      [
        "lines of chat",
        edited('"done":false', '"response":"hell"', '"message":{"content":"hell"}'),
        /without its text/,
      ],
    ],
  },
};

for (const format of CLIENT_FORMATS) {
  const { dialect, bad } = CASES[format];
  describe(`the grammar of ${format}`, () => {
    const rendered = dialect.frames(ANSWER, {
      model: "m",
      serial: 1,
      body: { stream: true, stream_options: { include_usage: true } },
    });
    const good = [...rendered.content, ...rendered.closing];
    const check = (frames: string[]): void => checkStream(format, Buffer.from(frames.join("")));

    test("takes a good stream, one with CRLF, one that ends in an error", () => {
      check(good);
      if (dialect.streamType !== "application/x-ndjson") check(good.map((frame) => frame.replaceAll("\n", "\r\n")));
      check([...rendered.content, dialect.errorFrame("it broke")]);
    });
    test("takes half a frame only in front of an error", () => {
      const half = (good[1] ?? "").slice(0, -9);
      const end = dialect.streamType === "application/x-ndjson" ? "\n" : "\n\n";
      check([...good.slice(0, 1), half + end, dialect.errorFrame("it broke")]);
      throws(() => check([...good.slice(0, 1), half + end, ...good.slice(2)]));
    });
    test("refuses bytes that are not UTF-8, and a last frame that is not closed", () => {
      const bytes = Buffer.from(good.join(""));
      bytes[bytes.indexOf("hell")] = 0xff;
      throws(() => checkStream(format, bytes), /not UTF-8/);
      throws(() => check(good.with(-1, (good.at(-1) ?? "").trimEnd())), /blank line|line end/);
    });
    for (const [name, mutate, words] of bad) {
      test(`refuses: ${name}`, () => throws(() => check(mutate(good)), words));
    }
  });
}
