import assert from "node:assert/strict";
import { test } from "node:test";
import { responseTagsOf } from "../../../test/support/classify.ts";
import type { FinishReason } from "../../core/event.ts";
import type { Part } from "../../core/part.ts";
import { empty } from "./empty.ts";
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
