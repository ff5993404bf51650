import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject } from "../../../core/json.ts";
import { reduceEvents } from "../../../core/response.ts";
import { PartialArguments } from "./partial-arguments.ts";
import { readStream } from "./read-stream.ts";

function callsOf(parts: JsonObject[]): unknown[] {
  const reader = readStream();
  const events: Parameters<typeof reader.push>[1] = [];
  const last = { candidates: [{ finishReason: "STOP" }] };
  const chunks = [...parts.map((part) => ({ candidates: [{ content: { parts: [part] } }] })), last];
  for (const chunk of chunks) reader.push(Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`), events);
  reader.end(events);
  return reduceEvents(events)
    .response()
    .parts.map((part) => part.type === "tool-call" && [part.name, part.arguments, part.state?.value]);
}

const call = (functionCall: JsonObject, more: JsonObject = {}): JsonObject => ({ functionCall, ...more });
const piece = (jsonPath: string, stringValue: string): JsonObject =>
  call({ partialArgs: [{ jsonPath, stringValue, willContinue: true }], willContinue: true });

describe("Gemini: calls in pieces", () => {
  test("a name, pieces of arguments, an end", () => {
    const parts = [
      call({ name: "cook", willContinue: true }, { thoughtSignature: "c2ln" }),
      piece("$.recipe.steps[0]", "Boil"),
      piece("$.recipe.steps[0]", " water."),
      call({ willContinue: true }),
      call({ partialArgs: [{ jsonPath: "$.recipe.steps[1]", boolValue: true }], willContinue: true }),
      call({
        partialArgs: [
          { jsonPath: "$.n", numberValue: 2 },
          { jsonPath: "$.none", nullValue: null },
        ],
      }),
      call({ name: "now" }),
    ];
    deepEqual(callsOf(parts), [
      ["cook", '{"recipe":{"steps":["Boil water.",true]},"n":2,"none":null}', "c2ln"],
      ["now", "", undefined],
    ]);
  });

  test("a call that is never ended ends with the next, or with the answer", () => {
    const parts = [call({ name: "a", willContinue: true }), piece("$.x", "1"), call({ name: "b", willContinue: true })];
    deepEqual(callsOf(parts), [
      ["a", '{"x":"1"}', undefined],
      ["b", "", undefined],
    ]);
  });

  test("paths that mean harm do none", () => {
    const args = new PartialArguments();
    args.add({ jsonPath: "$.__proto__.polluted", stringValue: "yes" });
    args.add({ jsonPath: "$.list[4000000000]", stringValue: "far" });
    args.add({ jsonPath: "$['a b'].c", stringValue: "quoted" });
    args.add({ jsonPath: "nonsense", stringValue: "x" });
    equal(args.text(), '{"__proto__":{"polluted":"yes"},"list":["far"],"a b":{"c":"quoted"}}');
    equal("polluted" in {}, false);
  });
});
