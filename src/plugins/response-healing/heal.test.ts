import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { Validator } from "@cfworker/json-schema";
import fc from "fast-check";
import { jsonrepair } from "jsonrepair";
import { anyEvents } from "../../../test/support/answers.ts";
import { fitOf } from "../../core/bounded/check-schema.ts";
import type { ChatEvent } from "../../core/event.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import { type ChatResponse, eventsOf, reduceEvents } from "../../core/response.ts";
import { heal } from "./heal.ts";
import { HealingStream } from "./healing-stream.ts";
import { JsonPrefix } from "./json-prefix.ts";

const healed = (text: string, asked = true) => {
  const made = heal(text, asked, jsonrepair);
  return made && [made.value, made.faults.join(", ")];
};

describe("what an answer was meant to be", () => {
  const cases: [text: string, value: unknown, faults: string][] = [
    ['```json\n{"a":1}\n```', { a: 1 }, "code fence"],
    ['```\n{"a":1,}\n```', { a: 1 }, "code fence, syntax"],
    ['Here is the JSON:\n\n```json\n{"a":1}\n```\nHope it helps!', { a: 1 }, "code fence, text around it"],
    ['The [final] answer {as asked}: {"a": [1, 2,]}. Bye {x}', { a: [1, 2] }, "text around it, syntax"],
    ['{"a":1}\n\nNote: {"b":2, "long": "this is not what was asked for"}', null, ""],
    ['{"a":1}}', { a: 1 }, "text around it"],
    ["{a: 'b', \"c\": None, // why\n}", { a: "b", c: null }, "syntax"],
    ['{"a":"two\nlines"}', { a: "two\nlines" }, "syntax"],
    ['{"a":"he said "hi" to me"}', { a: 'he said "hi" to me' }, "syntax"],
    ['{"a":[1,2}', { a: [1, 2] }, "cut off"],
    ['```json\n{"a":[1,{"b":"c', { a: [1, { b: "c" }] }, "code fence, cut off"],
    ['{"a":"b, c: d} e', { a: "b, c: d} e" }, "cut off"],
    ['{"a":"b\\u00', { a: "b" }, "cut off"],
    ['{"a":"x","b', { a: "x", b: null }, "cut off"],
    ["[", [], "cut off"],
    ['\ufeff{"a":1}', { a: 1 }, "syntax"],
  ];
  for (const [text, value, faults] of cases) {
    test(JSON.stringify(text), () => {
      if (value === null) ok(healed(text));
      else deepEqual(healed(text), [value, faults]);
    });
  }

  test("prose, and what is JSON, are left alone", () => {
    for (const text of [
      "",
      "I cannot do that.",
      "See [1] and [2].",
      "Use {curly} brackets",
      '{"a":1}',
      " [1]\n",
      '"text"',
      "```python\nx = {1: 2}\n```",
      "{{ template }}",
    ]) {
      equal(healed(text), undefined, text);
    }
  });

  test("without being asked for it, an answer is JSON only when it is nothing else", () => {
    for (const text of [
      'Use this:\n```json\n{"a":1,}\n```',
      '```json\n{"a":1,}\n```\nThis is an example.',
      '{"a":1,} is what you want',
      "[laughs, nods]",
      "[2024-01-02 started]",
      "{name}",
      "{'a': 1}",
      "[1] Smith, [2] Jones",
    ]) {
      equal(healed(text, false), undefined, text);
    }
    deepEqual(healed('```json\n{"a":1,}\n```', false), [{ a: 1 }, "code fence, syntax"]);
    deepEqual(healed('[{"a":1},', false), [[{ a: 1 }], "cut off"]);
    deepEqual(healed("[1, 2,]", false), [[1, 2], "syntax"]);
  });

  test("hostile text takes little time, and what takes longer is left as it is", () => {
    const began = performance.now();
    const apostrophes = `['${"a'b,".repeat(20_000)}`;
    const quotes = `{"a":"${'": "'.repeat(20_000)}`;
    for (const text of [apostrophes, "[".repeat(100_000)]) equal(healed(text), undefined);
    for (const text of [quotes, `{${" ".repeat(500_000)}\``, "```".repeat(50_000), "[x] ".repeat(50_000)]) healed(text);
    ok(performance.now() - began < 5000);
  });
});

/** Through the transform, in these pieces. */
function streamed(pieces: readonly string[], asked: boolean | undefined, finish: "stop" | "length" = "stop"): string[] {
  const stream = new HealingStream({ asked, toolCalls: true, repair: jsonrepair, told: () => undefined });
  const events: ChatEvent[] = [
    { type: "start", id: "a", model: "m" },
    { type: "block-start", index: 0, block: { type: "text" } },
    ...pieces.map((text): ChatEvent => ({ type: "text-delta", index: 0, text })),
    { type: "block-end", index: 0 },
    { type: "finish", reason: finish },
    { type: "end" },
  ];
  const out = events.flatMap((event) => stream.event(event));
  deepEqual(
    out.filter(({ type }) => type !== "text-delta"),
    events.filter(({ type }) => type !== "text-delta"),
  );
  return out.flatMap((event) => (event.type === "text-delta" ? [event.text] : []));
}

/** What is out after each piece. */
function progress(pieces: readonly string[], asked: boolean | undefined): string[] {
  const stream = new HealingStream({ asked, toolCalls: true, repair: jsonrepair, told: () => undefined });
  stream.event({ type: "block-start", index: 0, block: { type: "text" } });
  return pieces.map((text) =>
    stream
      .event({ type: "text-delta", index: 0, text })
      .map((event) => ("text" in event ? event.text : ""))
      .join(""),
  );
}

const anyPieces = (text: string) =>
  fc.array(fc.integer({ min: 1, max: 6 })).map((sizes) => {
    const pieces: string[] = [];
    let at = 0;
    for (const size of sizes) {
      pieces.push(text.slice(at, at + size));
      at += size;
    }
    return [...pieces, text.slice(at)].filter((piece) => piece !== "");
  });

/** JSON as models write it, and what is done to it: cut, a character lost or doubled, words around it. */
const anySpoilt = fc
  .tuple(fc.json({ maxDepth: 3 }), fc.nat(), fc.constantFrom("cut", "lost", "doubled", "fenced", "around", "none"))
  .map(([json, place, how]) => {
    const at = place % (json.length + 1);
    if (how === "cut") return json.slice(0, at);
    if (how === "lost") return json.slice(0, at) + json.slice(at + 1);
    if (how === "doubled") return json.slice(0, at) + json.slice(Math.max(0, at - 1));
    if (how === "fenced") return `\`\`\`json\n${json}\n\`\`\``;
    return how === "around" ? `Here: ${json} bye` : json;
  });

describe("on streams", () => {
  test("prose flows through at once, and so does what is certain of JSON", () => {
    deepEqual(progress(["Hel", "lo {", '"a":1'], false), ["Hel", "lo {", '"a":1']);
    deepEqual(progress(["``", "`py", "thon"], false), ["", "```py", "thon"]);
    deepEqual(progress(["``", "`JSON", "\n{"], false), ["", "", ""]);
    deepEqual(progress(["{", '"a":', '"b c', ' d"', ",", '"e":1', "}"], true), [
      "{",
      '"a":',
      '"b c',
      "",
      "",
      ' d",',
      '"e":1}',
    ]);
    deepEqual(progress(["[no", "te] this", " is prose"], false), ["", "[note] this", " is prose"]);
    deepEqual(progress(["I cannot", " do that"], true), ["", ""]);
  });

  test("however it comes in pieces, the client gets the text healed as a whole, or as it was", () => {
    let changed = 0;
    fc.assert(
      fc.property(
        anySpoilt.chain((text) => fc.tuple(fc.constant(text), anyPieces(text))),
        fc.boolean(),
        ([text, pieces], asked) => {
          const whole = streamed([text], asked).join("");
          const made = heal(text, asked, jsonrepair);
          equal(whole, made && text !== "" ? whole : text);
          if (made) JSON.parse(whole);
          const got = streamed(pieces, asked).join("");
          if (got !== whole) equal(got, text);
          else if (got !== text) changed++;
        },
      ),
      { numRuns: 400 },
    );
    ok(changed > 50, `${changed} healed`);
  });

  test("a repair of what looked cut off that does not go on from what was sent is none: its block ends once", () => {
    const pieces = ['{"  ', "  ", '  ":" ', ',"       # ":[true,1,false,"          ",null]," ":[]}'];
    equal(streamed(pieces, false).join(""), pieces.join(""));
  });

  test("what is certain of JSON is the beginning of it, wherever it is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 3 })), fc.nat(), (value, place) => {
        const json = JSON.stringify(value, null, place % 3);
        const prefix = new JsonPrefix();
        prefix.feed(json);
        deepEqual([prefix.complete, prefix.certain], [true, json.length]);
        const cut = json.slice(0, 1 + (place % json.length));
        const part = new JsonPrefix();
        part.feed(cut);
        equal(part.broken, false);
        const text = heal(cut, true, jsonrepair)?.text ?? cut;
        ok(text.startsWith(cut.slice(0, part.certain)), `${cut} → ${text}`);
      }),
      { numRuns: 120 },
    );
  });

  test("nothing but text and arguments is touched, whatever the answer is, and none of it is lost when it breaks off", () => {
    const isOther = ({ type }: ChatEvent) => !["text-delta", "arguments-delta", "block-end", "citation"].includes(type);
    fc.assert(
      fc.property(anyEvents, fc.constantFrom(true, false), fc.nat(), (events, asked, place) => {
        const make = () => new HealingStream({ asked, toolCalls: true, repair: jsonrepair, told: () => undefined });
        const stream = make();
        const out = events.flatMap((event) => stream.event(event));
        deepEqual(out.filter(isOther), events.filter(isOther));
        const ends = (list: readonly ChatEvent[]) => list.filter(({ type }) => type === "block-end").length;
        equal(ends(out), ends(events));

        const beforeEnds = events.findIndex(({ type }) => type === "block-end");
        const part = events.slice(0, beforeEnds < 0 ? place % events.length : beforeEnds);
        const broken = make();
        const got = [...part.flatMap((event) => broken.event(event)), ...broken.flush()];
        deepEqual(reduceEvents(got).response(), reduceEvents(part).response());
      }),
    );
  });

  test("text that goes on in another block is not completed; a cut call is left alone, a call without its last bracket is not", () => {
    const told: string[] = [];
    const through = (parts: ChatResponse["parts"], reason: ChatResponse["finish"]["reason"]) => {
      const stream = new HealingStream({
        asked: true,
        toolCalls: true,
        repair: jsonrepair,
        told: (one, { tool }) => told.push(`${tool ?? "text"}: ${one.faults}`),
      });
      const events = eventsOf({ id: "a", model: "m", parts, finish: { reason } });
      return reduceEvents(events.flatMap((event) => stream.event(event))).response().parts;
    };
    const text = (words: string) => ({ type: "text" as const, text: words });
    const call = (args: string, kind: "function" | "custom" = "function") => ({
      type: "tool-call" as const,
      id: "c",
      name: "f",
      arguments: args,
      kind,
    });
    const split = [text('{"a":'), text("1}")];
    deepEqual(through(split, "stop"), split);
    deepEqual(through([text('{"a":'), call("{}")], "stop"), [text('{"a":null}'), call("{}")]);
    deepEqual(through([call('{"a":1')], "length"), [call('{"a":1')]);
    deepEqual(through([call('{"a":1')], "tool_calls"), [call('{"a":1}')]);
    deepEqual(through([call("{'a': [1,]}"), call("not json", "custom"), call("")], "tool_calls"), [
      call('{"a": [1]}'),
      call("not json", "custom"),
      call(""),
    ]);
    deepEqual(told, ["text: cut off", "f: cut off", "f: syntax"]);
  });
});

test("where an answer does not fit is told in the schema's names, not in its own", () => {
  const people = { type: "array", items: { type: "object", additionalProperties: { type: "number" } } };
  const at = (value: Json, schema: JsonObject) => fitOf(value, schema, Validator);
  const schema = { type: "object", properties: { people } };
  deepEqual(at({ people: [{ "ann@x.com": "old" }] }, schema), { fits: false, at: "#/people/0/*", keyword: "type" });
  deepEqual(at({ people: 1 }, schema), { fits: false, at: "#/people", keyword: "type" });
});
