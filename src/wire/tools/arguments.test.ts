import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
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

test("what would take minutes to repair stays whole, and so does all that comes with it", async () => {
  const hopeless = `{"a": "${'x"y'.repeat(100_000)}`;
  for (let call = 0; call < 100; call++) assert.deepEqual(argumentsObject(hopeless), { _raw: hopeless });
  assert.deepEqual(argumentsObject("{'a': 1}"), { _raw: "{'a': 1}" });
  await setImmediate();
  assert.deepEqual(argumentsObject("{'a': 1}"), { a: 1 });
});

test("what would take long to parse is not parsed", () => {
  const keys = `{${Array.from({ length: 30_000 }, (_, at) => `"k${at}":1`).join()}}`;
  const deep = `{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
  for (const text of [keys, deep]) assert.deepEqual(argumentsObject(text), { _raw: text });
});
