import assert from "node:assert/strict";
import { test } from "node:test";
import { contextOf, tagsOf } from "../../../test/support/classify.ts";
import { systemClock } from "../../core/clock.ts";
import { type ChatRequest, emptyRequest } from "../../core/request.ts";
import { regex } from "./regex.ts";

const says = (...texts: string[]): Partial<ChatRequest> => ({
  messages: texts.map((text) => ({ role: "user", parts: [{ type: "text", text }] })),
});

test("tags by patterns, each text by itself", async () => {
  const tags = { staff: ["\\bEMP-\\d{6}\\b"], card: ["(?i)iban", "\\b(?:\\d{4}[ -]?){4}\\b"], none: [] };
  assert.deepEqual(await tagsOf(regex, { tags }, says("see EMP-123456")), ["staff"]);
  assert.deepEqual(await tagsOf(regex, { tags }, says("My IBAN", "4111 1111 1111 1111, EMP-000001")), [
    "card",
    "staff",
  ]);
  assert.deepEqual(await tagsOf(regex, { tags }, says("emp-123456", "EMP-12", "3456")), []);
  assert.deepEqual(await tagsOf(regex, {}, says("EMP-123456")), []);
});

test("what has no linear time is refused with a reason", () => {
  for (const source of ["(a)\\1", "(?=a)", "a{1,5000}", "("]) {
    const { success, error } = regex.schema.safeParse({ tags: { x: ["fine", source] } });
    assert.equal(success, false, source);
    assert.deepEqual(error?.issues[0]?.path, ["tags", "x", 1]);
    assert.match(error?.issues[0]?.message ?? "", /cannot be searched for in linear time/);
  }
});

test("a text longer than max_chars is searched up to there, and the log says so", () => {
  const lines: string[] = [];
  const tools = {
    log: (level: string, line: string) => void lines.push(`${level}: ${line}`),
    clock: systemClock,
    env: {},
  };
  const classifier = regex.build({ tags: { x: ["x"] }, max_chars: 10 }, tools);
  const ask = (text: string) => classifier.classify({ ...emptyRequest("openai", "m"), ...says(text) }, contextOf());
  assert.deepEqual(ask(`${" ".repeat(9)}xx`), ["x"]);
  assert.deepEqual(ask(`${" ".repeat(10)}x`), []);
  const line = "warn: classifier regex: a text of 11 characters was searched up to max_chars (10) only";
  assert.deepEqual(lines, [line, line]);
});
