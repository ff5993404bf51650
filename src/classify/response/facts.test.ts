import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { responseTagsOf } from "../../../test/support/classify.ts";
import type { FinishReason } from "../../core/event.ts";
import type { Part } from "../../core/part.ts";
import type { OutputShape } from "../../core/request.ts";
import { empty } from "./empty.ts";
import { jsonInvalid } from "./json-invalid.ts";
import { responseRegex } from "./regex.ts";
import { truncated } from "./truncated.ts";

const text = (value: string): Part => ({ type: "text", text: value });
const call: Part = { type: "tool-call", id: "1", name: "f", arguments: "{}", kind: "function" };

test("truncated: by the length or by the context, and for no other reason", () => {
  const reasons: FinishReason[] = [
    "stop",
    "stop_sequence",
    "length",
    "context",
    "tool_calls",
    "refusal",
    "pause",
    "other",
  ];
  const tagged = reasons.filter((reason) => responseTagsOf(truncated, {}, { finish: { reason } }).length > 0);
  assert.deepEqual(tagged, ["length", "context"]);
});

test("empty: nothing to be seen", () => {
  const tags = (parts: Part[], omitted?: number) =>
    responseTagsOf(empty, {}, { parts, ...(omitted !== undefined && { omitted }) });
  for (const parts of [[], [text("")], [text(" \n\t")], [{ type: "reasoning", text: "hm" } satisfies Part]])
    assert.deepEqual(tags(parts), ["empty"]);
  for (const parts of [[text("x")], [call], [text(""), call], [{ type: "refusal", text: "no" } satisfies Part]])
    assert.deepEqual(tags(parts), []);
  assert.deepEqual(tags([], 7), []);
});

test("regex: in what the answer says, not in what it thinks or calls", () => {
  const settings = { tags: { key: ["\\bsk-[a-z0-9]{8}\\b"], todo: ["(?i)\\btodo\\b"] } };
  const tags = (...parts: Part[]) => responseTagsOf(responseRegex, settings, { parts });
  assert.deepEqual(tags(text("a"), text("TODO: sk-abcd1234")), ["key", "todo"]);
  assert.deepEqual(tags({ type: "refusal", text: "todo" }), ["todo"]);
  assert.deepEqual(tags({ type: "reasoning", text: "todo" }, { ...call, arguments: "todo" }), []);
});

describe("json-invalid", () => {
  const schema = { type: "object", properties: { a: { type: "number" } }, required: ["a"] };
  const tags = (parts: Part[], output?: OutputShape, reason: FinishReason = "stop") =>
    responseTagsOf(jsonInvalid, {}, { parts, finish: { reason } }, output ? { output } : {});

  test("where JSON was asked for and the text is none", () => {
    for (const said of ["", "no", "```json\n{}\n```", '{"a":1', "{} {}"])
      assert.deepEqual(tags([text(said)], { kind: "json" }), ["json-invalid"], said);
    for (const said of ["{}", " [1]\n", '"x"']) assert.deepEqual(tags([text(said)], { kind: "json" }), [], said);
    assert.deepEqual(tags([text("no")]), []);
  });

  test("and where it does not fit the schema that was given", () => {
    const output: OutputShape = { kind: "json_schema", schema };
    assert.deepEqual(tags([text('{"a":1}')], output), []);
    assert.deepEqual(tags([text('{"a":"1"}')], output), ["json-invalid"]);
    assert.deepEqual(tags([text("[]")], output), ["json-invalid"]);
  });

  test("a tool call or a refusal is another kind of answer", () => {
    for (const parts of [[call], [{ type: "refusal", text: "no" } satisfies Part]])
      assert.deepEqual(tags(parts, { kind: "json" }), []);
    assert.deepEqual(tags([text("no")], { kind: "json" }, "refusal"), []);
  });

  test("a schema that takes for ever to check, or cannot be checked, says nothing of the answer", () => {
    const evil = { type: "string", pattern: "^(a+)+$" };
    assert.deepEqual(tags([text(JSON.stringify(`${"a".repeat(60)}!`))], { kind: "json_schema", schema: evil }), []);
    assert.deepEqual(tags([text("1")], { kind: "json_schema", schema: { $ref: "#" } }), []);
    const steps = Array.from({ length: 40 }, (_, at) => [
      `s${at}`,
      { anyOf: [at + 1, at + 1].map((to) => ({ $ref: `#/$defs/s${to}` })) },
    ]);
    const wide = { $ref: "#/$defs/s0", $defs: { ...Object.fromEntries(steps), s40: { type: "string" } } };
    assert.deepEqual(tags([text("1")], { kind: "json_schema", schema: wide }), []);
  });
});
