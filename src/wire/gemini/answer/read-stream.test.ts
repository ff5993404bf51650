import { deepEqual, equal, match, throws } from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { ChatEvent } from "../../../core/event.ts";
import type { JsonObject } from "../../../core/json.ts";
import { reduceEvents } from "../../../core/response.ts";
import { readResponse } from "./read-response.ts";
import { readStream } from "./read-stream.ts";

const HEAD = { modelVersion: "gemini-3-pro", responseId: "r-1" };

function chunk(parts: JsonObject[], more: JsonObject = {}, top: JsonObject = {}): JsonObject {
  return { candidates: [{ content: { role: "model", parts }, index: 0, ...more }], ...HEAD, ...top };
}

function sse(chunks: JsonObject[], end = "\n"): Buffer {
  return Buffer.from(chunks.map((value) => `data: ${JSON.stringify(value)}${end}${end}`).join(""));
}

function read(bytes: Uint8Array, cuts: readonly number[] = []): ChatEvent[] {
  const reader = readStream();
  const out: ChatEvent[] = [];
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    reader.push(bytes.subarray(from, cut), out);
    from = cut;
  }
  reader.end(out);
  return out;
}

function response(chunks: JsonObject[]) {
  return reduceEvents(read(sse(chunks)));
}

const STATE = { dialect: "gemini", kind: "signature" } as const;
const USAGE = {
  promptTokenCount: 20,
  cachedContentTokenCount: 8,
  candidatesTokenCount: 5,
  thoughtsTokenCount: 3,
  totalTokenCount: 28,
};
/** Thoughts, text of every width, two parallel calls of which only the first is signed. */
const FULL = [
  chunk([{ text: "let me see", thought: true }], {}, { usageMetadata: { promptTokenCount: 20, totalTokenCount: 20 } }),
  chunk([{ text: "grüße 你" }]),
  chunk([{ text: "好 🎉" }]),
  chunk([
    { functionCall: { name: "look", args: { b: 1, a: [2] } }, thoughtSignature: "c2ln" },
    { functionCall: { id: "given", name: "now" } },
  ]),
  chunk([{ text: "" }], { finishReason: "STOP" }, { usageMetadata: USAGE }),
];

describe("Gemini answers", () => {
  test("thoughts, text, calls, usage", () => {
    const events = read(sse(FULL));
    equal(events.at(-1)?.type, "end");
    const { parts, finish, usage, id, model } = reduceEvents(events).response();
    deepEqual([id, model, finish], ["r-1", "gemini-3-pro", { reason: "tool_calls", native: "STOP" }]);
    const [thought, text, look, now] = parts;
    deepEqual(thought, { type: "reasoning", text: "let me see" });
    deepEqual(text, { type: "text", text: "grüße 你好 🎉" });
    equal(look?.type === "tool-call" && look.arguments, '{"b":1,"a":[2]}');
    deepEqual(look?.type === "tool-call" && look.state, { ...STATE, value: "c2ln" });
    deepEqual(now, { type: "tool-call", id: "given", name: "now", arguments: "", kind: "function" });
    deepEqual(usage, {
      input: 20,
      output: 8,
      cachedRead: 8,
      cacheWrite: 0,
      cacheWriteLong: 0,
      reasoning: 3,
      reported: true,
    });
  });

  test("the first usage is known at the start, for clients that are told it there", () => {
    const [start] = read(sse(FULL));
    equal(start?.type === "start" && start.usage?.input, 20);
  });

  test("sliced anywhere, with CRLF and CR, the events are the same", () => {
    const expected = read(sse(FULL));
    for (const end of ["\n", "\r\n", "\r"]) {
      const bytes = sse(FULL, end);
      for (let at = 1; at < bytes.length; at++)
        deepEqual(read(bytes, [at]), expected, `${JSON.stringify(end)} at ${at}`);
      fc.assert(
        fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
          deepEqual(
            read(
              bytes,
              cuts.sort((a, b) => a - b),
            ),
            expected,
          );
        }),
        { numRuns: 50 },
      );
    }
  });

  test("cut anywhere before the finish reason, it is an error", () => {
    const bytes = sse(FULL);
    const last = bytes.lastIndexOf("data: ");
    for (let at = 0; at < last; at++) {
      const events: ChatEvent[] = [];
      const reader = readStream();
      reader.push(bytes.subarray(0, at), events);
      try {
        reader.end(events);
      } catch {
        continue; // half a frame is no JSON: the pipeline makes an error of that
      }
      equal(events.at(-1)?.type, "error", String(at));
    }
  });

  test("whole and streamed say the same", () => {
    const parts = FULL.flatMap((value) => value["candidates"]).flatMap((candidate) => partsOf(candidate));
    const whole = chunk(
      parts.filter((part) => part["text"] !== ""),
      { finishReason: "STOP" },
      { usageMetadata: USAGE },
    );
    deepEqual(reduceEvents(readResponse(whole)).response(), response(FULL).response());
  });

  test("ids made up are the same each time, and each their own", () => {
    const calls = chunk(
      [1, 2].map(() => ({ functionCall: { name: "f", args: {} } })),
      { finishReason: "STOP" },
    );
    const ids = () =>
      response([calls])
        .response()
        .parts.map((part) => (part.type === "tool-call" ? part.id : ""));
    deepEqual(ids(), ids());
    equal(new Set(ids()).size, 2);
    for (const id of ids()) match(id, /^call_[0-9a-f]{24}$/);
  });

  test("a signature on text, or on nothing, follows the text", () => {
    const state = { ...STATE, value: "c2ln" };
    const expected = [
      { type: "text", text: "hi" },
      { type: "reasoning", text: "", state },
    ];
    const apart = [chunk([{ text: "hi" }]), chunk([{ text: "", thoughtSignature: "c2ln" }], { finishReason: "STOP" })];
    deepEqual(response(apart).response().parts, expected);
    const together = [chunk([{ text: "hi", thoughtSignature: "c2ln" }], { finishReason: "STOP" })];
    deepEqual(response(together).response().parts, expected);
  });

  test("code it ran is kept whole", () => {
    const code = { executableCode: { language: "PYTHON", code: "1" }, thoughtSignature: "c2ln" };
    const [part] = response([chunk([code], { finishReason: "STOP" })]).response().parts;
    deepEqual(part, { type: "opaque", dialect: "gemini", what: "executableCode", value: code });
  });
});

function partsOf(candidate: unknown): JsonObject[] {
  const value: { content?: { parts?: JsonObject[] } } = JSON.parse(JSON.stringify(candidate));
  return value.content?.parts ?? [];
}

describe("how Gemini answers end", () => {
  const reasons = [
    ["STOP", "stop"],
    ["MAX_TOKENS", "length"],
    ["SAFETY", "refusal"],
    ["RECITATION", "refusal"],
    ["SPII", "refusal"],
    ["IMAGE_SAFETY", "refusal"],
    ["LANGUAGE", "other"],
    ["SOMETHING_OF_2031", "other"],
  ] as const;
  for (const [native, reason] of reasons) {
    test(native, () => {
      const { finish } = response([chunk([{ text: "hi" }], { finishReason: native })]).response();
      deepEqual([finish.reason, finish.native], [reason, native]);
    });
  }

  test("the output limit wins over calls", () => {
    const call = { functionCall: { name: "f", args: {} } };
    equal(response([chunk([call], { finishReason: "MAX_TOKENS" })]).response().finish.reason, "length");
  });

  test("a prompt that was blocked is an empty refusal", () => {
    const blocked = { promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, usageMetadata: USAGE, ...HEAD };
    for (const built of [response([blocked]), reduceEvents(readResponse(blocked))]) {
      equal(built.failure, undefined);
      deepEqual(built.response().finish, {
        reason: "refusal",
        native: "PROHIBITED_CONTENT",
        refusal: { category: "prohibited_content" },
      });
      deepEqual(built.response().parts, []);
      equal(built.response().usage?.input, 20);
    }
  });

  test("a call that is none is an error", () => {
    const broken = chunk([], { finishReason: "MALFORMED_FUNCTION_CALL", finishMessage: "print(f())" });
    const { failure } = response([chunk([{ text: "hi" }]), broken]);
    equal(failure?.kind, "target");
    match(failure.message, /MALFORMED_FUNCTION_CALL: print/);
  });

  test("an unspecified reason is no finish, nor is an empty one", () => {
    for (const finishReason of ["", "FINISH_REASON_UNSPECIFIED"])
      equal(response([chunk([{ text: "hi" }], { finishReason })]).failure?.kind, "cut");
  });

  test("an error in the stream", () => {
    const error = { code: 503, status: "UNAVAILABLE", message: "The model is overloaded." };
    const { failure } = response([chunk([{ text: "hi" }]), { error }]);
    deepEqual(failure, {
      kind: "overloaded",
      message: "The model is overloaded.",
      upstreamStatus: 503,
      code: "UNAVAILABLE",
    });
  });

  test("an error in the stream that is no event, over several lines", () => {
    const error = { code: 503, status: "UNAVAILABLE", message: "The model is overloaded." };
    const text = `${JSON.stringify({ error }, null, 2)}\n`;
    const head = sse([chunk([{ text: "hi" }])]);
    for (const end of ["\n", "\r\n"]) {
      const events = read(Buffer.concat([head, Buffer.from(text.replaceAll("\n", end))]));
      equal(reduceEvents(events).failure?.kind, "overloaded");
    }
    throws(() => read(Buffer.concat([head, Buffer.from(text.slice(0, 20))])), /not JSON/);
  });

  test("a whole body without a finish reason is complete, one without anything is cut", () => {
    deepEqual(reduceEvents(readResponse(chunk([{ text: "hi" }]))).response().finish.reason, "stop");
    equal(reduceEvents(readResponse({ usageMetadata: USAGE })).failure?.kind, "cut");
    throws(() => readResponse({ choices: [] }), /not an answer of generateContent/);
    throws(() => readResponse([]), /not an answer/);
  });
});
