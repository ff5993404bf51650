import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { continuationOf } from "./continuation.ts";
import type { ChatEvent } from "./event.ts";
import { Joiner } from "./joiner.ts";
import { type ChatRequest, emptyRequest } from "./request.ts";
import { type ResponseBuilder, reduceEvents } from "./response.ts";
import { reportedUsage } from "./usage.ts";

const START: ChatEvent = { type: "start", id: "a1", model: "first" };
const OPEN: ChatEvent = { type: "block-start", index: 0, block: { type: "text" } };
const SO_FAR = "The rain in Spain falls ";

function request(changes: Partial<ChatRequest> = {}): ChatRequest {
  const asked = emptyRequest("openai", "m");
  return { ...asked, messages: [{ role: "user", parts: [{ type: "text", text: "Where?" }] }], ...changes };
}

function textOf(index: number, text: string): ChatEvent {
  return { type: "text-delta", index, text };
}

function answered(...events: ChatEvent[]): ResponseBuilder {
  return reduceEvents([START, ...events]);
}

/** The rest of an answer that broke off behind `soFar`, as this target goes on with it. */
function joined(soFar: ChatEvent[], rest: ChatEvent[]): { events: ChatEvent[]; whole: ResponseBuilder } {
  const whole = answered(...soFar);
  const continuation = continuationOf(request(), whole);
  assert.ok(continuation);
  const joiner = new Joiner(continuation);
  const events = rest.flatMap((event) => joiner.join([event]));
  for (const event of events) whole.add(event);
  return { events, whole };
}

function plainRest(...texts: string[]): ChatEvent[] {
  const deltas = texts.map((text) => textOf(0, text));
  const end: ChatEvent[] = [
    { type: "block-end", index: 0 },
    { type: "finish", reason: "stop" },
    { type: "usage", usage: reportedUsage({ input: 40, output: 9, cachedRead: 5 }) },
    { type: "end" },
  ];
  return [{ type: "start", id: "b2", model: "second" }, OPEN, ...deltas, ...end];
}

test("the request to go on holds the answer so far as its last message, without the white space behind it", () => {
  const whole = answered(OPEN, textOf(0, SO_FAR));
  const continuation = continuationOf(request({ maxOutputTokens: 100 }), whole);
  assert.deepEqual(continuation?.request.messages.at(-1), {
    role: "assistant",
    parts: [{ type: "text", text: "The rain in Spain falls" }],
  });
  assert.equal(continuation?.request.goesOn, true);
  assert.equal(continuation?.trimmed, " ");
  assert.ok((continuation?.request.maxOutputTokens ?? 0) < 100, "what was written counts against the limit");
  assert.deepEqual(continuation?.place, { next: 1, open: { index: 0, length: SO_FAR.length } });
});

test("only plain text of a plain request is continued", () => {
  const text = [OPEN, textOf(0, SO_FAR)];
  const ended: ChatEvent = { type: "block-end", index: 0 };
  const begins = (block: Extract<ChatEvent, { type: "block-start" }>["block"]): ChatEvent => {
    return { type: "block-start", index: 1, block };
  };
  const never: [string, ChatEvent[]][] = [
    ["nothing said", []],
    ["too little said", [OPEN, textOf(0, "The rain")]],
    ["a call begun", [...text, begins({ type: "tool-call", id: "c", name: "f", kind: "function" })]],
    ["reasoning", [...text, ended, begins({ type: "reasoning" })]],
    ["a refusal", [...text, ended, begins({ type: "refusal" })]],
    ["sources", [...text, { type: "citation", index: 0, citation: { url: "https://a.test" } }]],
    [
      "a hosted tool",
      [
        ...text,
        ended,
        { type: "opaque", index: 1, part: { type: "opaque", dialect: "anthropic", what: "x", value: {} } },
      ],
    ],
    ["a reason to stop", [...text, ended, { type: "finish", reason: "stop" }]],
    ["log probabilities", [OPEN, { type: "text-delta", index: 0, text: SO_FAR, logprobs: [] }]],
  ];
  for (const [what, events] of never) assert.equal(continuationOf(request(), answered(...events)), undefined, what);
  const prefilled = [...request().messages, { role: "assistant" as const, parts: [] }];
  const changes: Partial<ChatRequest>[] = [
    { sampling: { n: 2 } },
    { sampling: { logprobs: true } },
    { output: { kind: "json" } },
    { toolChoice: { mode: "required" } },
    { toolChoice: { mode: "tool", name: "f" } },
    { messages: prefilled },
    { extra: { suffix: "x" } },
    { maxOutputTokens: 3 },
  ];
  for (const change of changes)
    assert.equal(continuationOf(request(change), answered(...text)), undefined, JSON.stringify(change));
  assert.ok(continuationOf(request({ toolChoice: { mode: "auto" } }), answered(...text)));
});

test("what the second target writes becomes the rest of the open block, and the answer ends once", () => {
  const { events, whole } = joined([OPEN, textOf(0, SO_FAR)], plainRest(" mainly", " in the plain."));
  assert.deepEqual(
    events.map((event) => ("index" in event ? `${event.type} ${event.index}` : event.type)),
    ["text-delta 0", "text-delta 0", "block-end 0", "finish", "usage", "end"],
  );
  const response = whole.response();
  assert.deepEqual(response.parts, [{ type: "text", text: "The rain in Spain falls mainly in the plain." }]);
  assert.equal(response.model, "first");
  assert.equal(whole.usage?.reported, false, "what the first target took is estimated");
  assert.ok((whole.usage?.input ?? 0) > 40 && (whole.usage?.output ?? 0) > 9);
});

test("white space at the seam is neither doubled nor lost", () => {
  const seams: [string, string, string][] = [
    ["falls ", " mainly", "falls mainly"],
    ["falls ", "mainly", "falls mainly"],
    ["falls\n", "\n\nMainly", "falls\n\nMainly"],
    ["falls\n\n", "\n", "falls\n\n"],
    ["falls", " mainly", "falls mainly"],
  ];
  for (const [before, after, expected] of seams) {
    const { whole } = joined([OPEN, textOf(0, `The rain in Spain ${before}`)], plainRest(...after));
    assert.deepEqual(whole.response().parts, [{ type: "text", text: `The rain in Spain ${expected}` }]);
  }
});

test("a target that repeats the whole text is heard from there on; a part of it repeated was meant", () => {
  const known = SO_FAR.trimEnd();
  const again = joined([OPEN, textOf(0, SO_FAR)], plainRest(...`${known} mainly`));
  assert.deepEqual(again.whole.response().parts, [{ type: "text", text: `${SO_FAR}mainly` }]);
  const part = joined([OPEN, textOf(0, SO_FAR)], plainRest("The rain"));
  assert.deepEqual(part.whole.response().parts, [{ type: "text", text: `${SO_FAR}The rain` }]);
});

test("any text cut anywhere and gone on with in any slices is the text", () => {
  const words = fc.array(fc.constantFrom("a", "b ", "the rain", "\n", " ", "你好"), { minLength: 8, maxLength: 30 });
  fc.assert(
    fc.property(words, fc.nat(), fc.integer({ min: 1, max: 7 }), (list, at, size) => {
      const text = list.join("");
      const cut = text.length === 0 ? 0 : at % text.length;
      const whole = answered(OPEN, textOf(0, text.slice(0, cut)));
      const continuation = continuationOf(request(), whole);
      if (!continuation) return;
      const rest = text.slice(continuation.text.length);
      // Said again from its beginning: cannot be told from a target that repeats.
      if (rest.trimStart().startsWith(continuation.text)) return;
      const slices: string[] = [];
      for (let from = 0; from < rest.length; from += size) slices.push(rest.slice(from, from + size));
      const joiner = new Joiner(continuation);
      for (const event of joiner.join(plainRest(...slices))) whole.add(event);
      assert.deepEqual(whole.response().parts, [{ type: "text", text }]);
    }),
  );
});

test("a call behind the text closes the text first; further blocks get new indices", () => {
  const call: ChatEvent = {
    type: "block-start",
    index: 0,
    block: { type: "tool-call", id: "c", name: "f", kind: "function" },
  };
  const rest: ChatEvent[] = [
    START,
    call,
    { type: "arguments-delta", index: 0, text: "{}" },
    { type: "block-end", index: 0 },
    { type: "finish", reason: "tool_calls" },
    { type: "end" },
  ];
  const { events, whole } = joined([OPEN, textOf(0, SO_FAR)], rest);
  assert.deepEqual(events[0], { type: "block-end", index: 0 });
  assert.deepEqual(events[1], { ...call, index: 1 });
  assert.deepEqual(
    whole.response().parts.map(({ type }) => type),
    ["text", "tool-call"],
  );
  assert.ok(whole.usage, "usage is told though the target did not");
});

test("a target that thinks or refuses first does not go on: the answer ends in an error", () => {
  for (const type of ["reasoning", "refusal"] as const) {
    const { events } = joined([OPEN, textOf(0, SO_FAR)], [START, { type: "block-start", index: 0, block: { type } }]);
    assert.deepEqual(
      events.map((event) => event.type),
      ["error"],
    );
  }
});

test("sources of the second half point at their place in the whole text", () => {
  const cite: ChatEvent = { type: "citation", index: 0, citation: { url: "https://a.test", start: 1, end: 7 } };
  const { whole } = joined([OPEN, textOf(0, SO_FAR)], [START, OPEN, textOf(0, " mainly"), cite, { type: "end" }]);
  const [part] = whole.response().parts;
  assert.ok(part?.type === "text" && part.citations);
  const { start, end } = part.citations[0] ?? {};
  assert.equal(part.text.slice(start, end), "mainly");
});

test("a third target is sent all there is, and what the second cost is not forgotten", () => {
  const whole = answered(OPEN, textOf(0, SO_FAR));
  const second = continuationOf(request(), whole);
  assert.ok(second);
  const joiner = new Joiner(second);
  for (const event of joiner.join([START, OPEN, textOf(0, "mainly")])) whole.add(event);
  const third = continuationOf(request(), whole, { earlier: joiner.spent });
  assert.equal(third?.text, `${SO_FAR}mainly`);
  assert.ok((third?.spent.input ?? 0) > second.spent.input);
});
