import assert from "node:assert/strict";
import { test } from "node:test";
import { argumentsObject } from "./arguments.ts";

test("a call without arguments has the empty object, not nothing", () => {
  assert.deepEqual(argumentsObject(""), {});
  assert.deepEqual(argumentsObject(" \n"), {});
});

test("key order survives", () => {
  assert.equal(JSON.stringify(argumentsObject('{"z":1,"a":{"y":2,"b":3}}')), '{"z":1,"a":{"y":2,"b":3}}');
});

test("broken JSON is repaired where it can be, else kept whole", () => {
  assert.deepEqual(argumentsObject('{"path": "a.txt"'), { path: "a.txt" });
  assert.deepEqual(argumentsObject("{'a': True,}"), { a: true });
  assert.deepEqual(argumentsObject("[1,2]"), { _raw: "[1,2]" });
  assert.deepEqual(argumentsObject("just words"), { _raw: "just words" });
  assert.deepEqual(argumentsObject("null"), { _raw: "null" });
});
