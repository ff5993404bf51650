import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import type { JsonObject } from "../../core/json.ts";
import { minimalValue } from "./schema-value.ts";

function satisfies(schema: JsonObject): void {
  const value = minimalValue(schema);
  const told = z.fromJSONSchema(JSON.parse(JSON.stringify(schema))).safeParse(value);
  assert.ok(told.success, `${JSON.stringify(schema)} does not take ${JSON.stringify(value)}`);
}

test("made-up values satisfy the schemas agents and people write", () => {
  const point = { type: "object", properties: { x: { type: "number" } }, required: ["x"], additionalProperties: false };
  const schemas: JsonObject[] = [
    point,
    { type: "array", items: point, minItems: 2 },
    { type: "string", enum: ["b", "a"] },
    { const: 7 },
    { type: ["null", "string"], minLength: 12 },
    { type: "string", maxLength: 3 },
    { type: "string", format: "email" },
    { type: "string", format: "uuid" },
    { type: "string", format: "date-time" },
    { anyOf: [{ type: "integer", minimum: 3 }, { type: "null" }] },
    { type: "object", properties: { p: { $ref: "#/$defs/point" } }, required: ["p"], $defs: { point } },
    { allOf: [point, { type: "object", properties: { y: { type: "boolean" } }, required: ["y"] }] },
    { type: "object" },
  ];
  for (const schema of schemas) satisfies(schema);
});

test("a schema that contains itself comes to an end", () => {
  const node = { type: "object", properties: { next: { $ref: "#" } }, required: ["next"] };
  assert.equal(typeof minimalValue(node), "object");
});

test("numbers respect every mix of bounds and steps that can be met", () => {
  const bound = fc.option(fc.integer({ min: -20, max: 20 }), { nil: undefined });
  fc.assert(
    fc.property(
      fc.boolean(),
      bound,
      fc.integer({ min: 2, max: 20 }),
      fc.boolean(),
      fc.boolean(),
      (whole, low, room, open, capped) => {
        const schema: JsonObject = { type: whole ? "integer" : "number" };
        if (low !== undefined) schema[open ? "exclusiveMinimum" : "minimum"] = low;
        if (capped) schema[open ? "exclusiveMaximum" : "maximum"] = (low ?? -30) + room;
        satisfies(schema);
      },
    ),
  );
});
