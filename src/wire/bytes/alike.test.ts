import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { seeded } from "../../../test/support/log-records.ts";
import { readAll } from "../../../test/support/streams.ts";
import type { ChatEvent } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { reduceEvents } from "../../core/response.ts";
import { MessagesProtocol } from "../anthropic/answer/read-stream.ts";
import { OllamaAnswer } from "../ollama/answer/read-answer.ts";
import { ChatProtocol } from "../openai/answer/read-stream.ts";
import { ResponsesProtocol } from "../openai-responses/answer/read-stream.ts";
import { AlikeFrames } from "./alike.ts";
import { ndjsonReader, type StreamProtocol, sseReader } from "./stream.ts";

const chunk = (content: string, more = "") =>
  `{"id":"c1","created":17,"choices":[{"index":0,"delta":{"content":${content}},"logprobs":null}]${more}}`;
const framed = (json: string) => `data: ${json}\n\n`;

/** One that knows frames like `chunk` with the text `word`. */
function learned(more = "", idle?: RegExp): AlikeFrames {
  const frames = new AlikeFrames();
  equal(frames.learn("data: ", chunk('"word"', more), "\n\n", "word", idle), true);
  return frames;
}

describe("of frames that are alike the text is what JSON.parse says", () => {
  for (const json of [
    '"b"',
    '"a longer piece of text"',
    '"\\n"',
    '"\\"q\\""',
    '"\\\\"',
    '"\\\\\\""',
    '"\\u00e9é"',
    '"\\ud83c\\udf89🎉"',
  ])
    test(json, () => {
      const frames = learned();
      const source = `${framed("{}")}${framed(chunk(json))}rest`;
      equal(source.slice(frames.match(source, framed("{}").length)), "rest");
      equal(frames.text, JSON.parse(json));
    });
});

test("what is not alike, not whole, or no JSON, is not known", () => {
  for (const json of [
    '""',
    '"a\tb"',
    '"a\nb"',
    '"\\x"',
    '"a',
    "",
    "1",
    "null",
    '["x"]',
    '{"y":"z"}',
    '"a" ',
    '"a","b":"c"',
  ])
    equal(learned().match(framed(chunk(json)), 0), -1, json);
  const whole = framed(chunk('"next"'));
  for (let length = 0; length < whole.length; length++) equal(learned().match(whole.slice(0, length), 0), -1);
  equal(learned().match(`${whole.slice(0, -1)} \n`, 0), -1);
});

test("values that say nothing may differ, where JSON has them", () => {
  const idle = /(?<="(?:padding|n)":\s*)(?:"[^"\\]*"|\d+)/g;
  const frames = learned(',"padding":"abc","n": 7', idle);
  for (const more of [',"padding":"","n": 0', ',"padding":"é","n": 1234567890123456789'])
    equal(frames.match(framed(chunk('"x"', more)), 0), framed(chunk('"x"', more)).length);
  for (const [padding, n] of [
    ['"a', "1"],
    ['"\\n"', "1"],
    ["1", "1"],
    ['"a"', "01"],
    ['"a"', "-1"],
    ['"a"', "1.5"],
    ['"a"', ""],
  ])
    equal(frames.match(framed(chunk('"x"', `,"padding":${padding},"n": ${n}`)), 0), -1, `${padding} ${n}`);
});

test("nothing is learned where another string could be taken for the text", () => {
  for (const [json, text] of [
    [chunk('"a"', ',"b":"a"'), "a"],
    [chunk('"id"'), "id"],
    [chunk('"\\u0061"', ',"b":"a"'), "a"],
    [chunk('","', ',"a":["b","c"]'), ","],
    [chunk('""'), ""],
  ] as const)
    equal(new AlikeFrames().learn("", json, "\n", text, undefined), false, json);
});

const TEXTS = [
  "a",
  "b",
  "word ",
  "é🎉",
  "a text of more than a few letters",
  '"',
  "\\",
  "\n",
  "\u0000",
  "\ud800",
  "}",
  '"},"',
  "text",
  "x",
];

/** Streams of each API, drawn: mostly pieces of text, with all that may come between them. */
const DRAWN: Record<
  string,
  { reader: () => ReturnType<typeof sseReader>; frame: (pick: Pick, text: string) => string }
> = {
  "openai-chat": {
    reader: () => sseReader(counted(new ChatProtocol())),
    frame: (pick, text) => {
      const call = {
        index: pick([0, 0, 1]),
        ...pick([{}, {}, { id: "i" }]),
        function: { ...pick([{}, {}, { name: "f" }]), arguments: text },
      };
      const delta = pick<JsonObject>([
        { content: text },
        { content: text },
        { content: text },
        { role: "assistant", content: text },
        { reasoning_content: text },
        { reasoning: text, reasoning_details: [{ type: "reasoning.text", text }] },
        { content: text, reasoning_details: [{ type: "reasoning.text", text }] },
        { content: text, reasoning: pick(TEXTS) },
        { refusal: text },
        { tool_calls: [call] },
        { tool_calls: [call] },
        { content: text, tool_calls: [call] },
        { content: [{ type: "text", text }] },
        { function_call: { name: "f", arguments: text } },
      ]);
      const frame = {
        id: "c1",
        choices: [
          {
            index: 0,
            delta,
            finish_reason: pick([null, null, null, null, "", "stop"]),
            ...pick([{}, {}, {}, { text: pick(TEXTS) }]),
          },
        ],
        ...pick([{}, {}, {}, { usage: { prompt_tokens: pick([1, 2]), completion_tokens: 1 } }]),
        obfuscation: "x".repeat(text.length),
      };
      return `${pick(["", "", "", "", ": ping\n", "id: 7\n", ": ping\n\n"])}data: ${JSON.stringify(frame)}${pick(["\n", "\n", "\n", "\nid: 8\n", "\r\n"])}\n`;
    },
  },
  "anthropic-messages": {
    reader: () => sseReader(counted(new MessagesProtocol())),
    frame: (pick, text) => {
      const index = pick([0, 0, 0, 0, 1, 2]);
      const block = pick<JsonObject>([
        { type: "text", text: "" },
        { type: "thinking", thinking: "" },
        { type: "tool_use", id: "t", name: "f", input: {} },
        { type: "server_tool_use", id: "s", name: "g", input: {} },
      ]);
      const citation = {
        type: "char_location",
        cited_text: "x",
        document_index: 0,
        start_char_index: 0,
        end_char_index: 1,
      };
      const delta = pick<JsonObject>([
        { type: "text_delta", text },
        { type: "text_delta", text },
        { type: "thinking_delta", thinking: text },
        { type: "thinking_delta", thinking: text, signature: "s" },
        { type: "input_json_delta", partial_json: text },
        { type: "citations_delta", citation },
      ]);
      const said = { type: "content_block_delta", index, delta };
      const frame = pick<JsonObject>([
        ...Array.from({ length: 12 }, () => said),
        { type: "content_block_start", index, content_block: block },
        { type: "content_block_start", index, content_block: block },
        { type: "content_block_stop", index },
        { type: "ping" },
      ]);
      return `event: ${String(frame["type"])}\ndata: ${JSON.stringify(frame)}\n\n`;
    },
  },
  "openai-responses": {
    reader: () => sseReader(counted(new ResponsesProtocol())),
    frame: (pick, text) => {
      const item = pick([0, 0, 0, 0, 1, 2]);
      const common = {
        sequence_number: text.length,
        output_index: item,
        item_id: "i",
        obfuscation: "x".repeat(text.length),
      };
      const frame = pick<JsonObject>([
        { type: "response.output_text.delta", ...common, content_index: 0, delta: text, logprobs: [] },
        { type: "response.output_text.delta", ...common, content_index: 0, delta: text, logprobs: [] },
        { type: "response.output_text.done", ...common, content_index: 0, text: text.repeat(3) },
        { type: "response.reasoning_summary_text.delta", ...common, summary_index: pick([0, 0, 1]), delta: text },
        { type: "response.reasoning_text.delta", ...common, content_index: 0, delta: text },
        { type: "response.function_call_arguments.delta", ...common, delta: text },
        { type: "response.refusal.delta", ...common, content_index: 0, delta: text },
        { type: "response.output_item.added", ...common, item: { type: "function_call", call_id: "c", name: "f" } },
      ]);
      return `event: ${String(frame["type"])}\ndata: ${JSON.stringify(frame)}\n\n`;
    },
  },
  ollama: {
    reader: () => ndjsonReader(counted(new OllamaAnswer())),
    frame: (pick, text) => {
      const said = pick<JsonObject>([
        { message: { role: "assistant", content: text } },
        { message: { role: "assistant", content: text } },
        { message: { role: "assistant", content: "", thinking: text } },
        { message: { role: "assistant", content: text, thinking: pick(TEXTS) } },
        { response: text },
        { response: text, thinking: pick(TEXTS) },
        { message: { role: "assistant", content: text, tool_calls: [{ function: { name: "f", arguments: {} } }] } },
      ]);
      return `${JSON.stringify({ model: "m", created_at: `2026-${text.length}`, ...said, done: false })}\n`;
    },
  },
};
type Pick = <T>(list: readonly T[]) => T;
const pickOf =
  (random: () => number): Pick =>
  (list) =>
    list[Math.floor(random() * list.length)] as (typeof list)[number];

let parsed = 0;

function counted(protocol: StreamProtocol): StreamProtocol {
  const frame = protocol.frame.bind(protocol);
  protocol.frame = (...args) => {
    parsed++;
    frame(...args);
  };
  return protocol;
}

function summed(events: ChatEvent[] | string): unknown {
  return typeof events === "string" ? events : reduceEvents(events).response();
}

function told(read: () => ChatEvent[]): ChatEvent[] | string {
  try {
    return read();
  } catch (error) {
    return String(error);
  }
}

for (const [name, { reader, frame }] of Object.entries(DRAWN))
  test(`${name}: frames that are not parsed tell what they would have told`, () => {
    const random = seeded(11);
    const pick = pickOf(random);
    const counts = { known: 0, parsed: 0 };
    for (let stream = 0; stream < 200; stream++) {
      const runs = Array.from({ length: 20 }, () => {
        const shape = random() * 2 ** 31;
        return Array.from({ length: pick([1, 2, 3, 8]) }, () => frame(pickOf(seeded(shape)), pick(TEXTS))).join("");
      });
      const text = runs.join("");
      parsed = 0;
      const fast = told(() => readAll(reader(), text));
      counts.known += parsed;
      const gathering = reader();
      gathering.gathers = true;
      deepEqual(summed(told(() => readAll(gathering, text))), summed(fast));
      parsed = 0;
      // A line that comes in two pieces is parsed.
      deepEqual(
        fast,
        told(() => readAll(reader(), text, [1])),
      );
      counts.parsed += parsed;
    }
    equal(counts.parsed - counts.known > 200, true, JSON.stringify(counts));
  });
