import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../../../core/json.ts";
import { readSchema } from "./read-schema.ts";

test("JSON Schema stays the very same object", () => {
  const schema = { type: "object", properties: { type: { type: "string", enum: ["STRING"] } }, required: ["type"] };
  assert.equal(readSchema(schema), schema);
});

test("a schema of OpenAPI becomes JSON Schema, in the order its author wanted", () => {
  const schema = {
    type: "OBJECT",
    title: "T",
    property_ordering: ["z", "a"],
    required: ["a"],
    properties: {
      a: { type: "STRING", nullable: true, enum: ["x"], example: "x" },
      z: { type: "ARRAY", items: { type: "INTEGER", format: "int32" }, minItems: "1", max_items: "9" },
      type: { anyOf: [{ type: "NUMBER" }, { type: "BOOLEAN" }], nullable: true },
    },
  };
  const expected = {
    type: "object",
    title: "T",
    required: ["a"],
    properties: {
      z: { type: "array", items: { type: "integer", format: "int32" }, minItems: 1, maxItems: 9 },
      a: { type: ["string", "null"], enum: ["x", null], examples: ["x"] },
      type: { anyOf: [{ type: "number" }, { type: "boolean" }, { type: "null" }] },
    },
  };
  assert.equal(JSON.stringify(readSchema(schema)), JSON.stringify(expected));
});

test("names and values of the user's are nobody's keywords", () => {
  const schema = {
    type: "OBJECT",
    properties: { property_ordering: { type: "STRING", default: "STRING" }, min_items: { type: "INTEGER" } },
    $defs: { some_name: { type: "NULL" } },
  };
  assert.deepEqual(readSchema(schema), {
    type: "object",
    properties: { property_ordering: { type: "string", default: "STRING" }, min_items: { type: "integer" } },
    $defs: { some_name: { type: "null" } },
  });
});

test("hostile nesting does not take the stack", () => {
  let schema: JsonObject = { type: "STRING" };
  for (let depth = 0; depth < 20_000; depth++) schema = { type: "ARRAY", items: schema };
  assert.equal(readSchema(schema)["type"], "array");
});
