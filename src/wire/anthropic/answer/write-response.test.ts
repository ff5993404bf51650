import assert from "node:assert/strict";
import { test } from "node:test";
import { answerContext, written } from "../../../../test/support/anthropic-context.ts";
import { sdkMessage } from "../../../../test/support/anthropic-sdk.ts";
import { type ChatResponse, eventsOf, reduceEvents } from "../../../core/response.ts";
import { reportedUsage } from "../../../core/usage.ts";
import { readResponse } from "./read-response.ts";
import { writeResponse } from "./write-response.ts";

const answer: ChatResponse = {
  id: "msg_1",
  model: "m",
  parts: [
    { type: "reasoning", text: "t", state: { dialect: "anthropic", kind: "signature", value: "s" } },
    { type: "reasoning", text: "", state: { dialect: "anthropic", kind: "redacted", value: "R" } },
    { type: "text", text: "hello" },
    { type: "tool-call", id: "a", name: "f", arguments: '{"z":1,"a":2}', kind: "function" },
    { type: "opaque", dialect: "anthropic", what: "x_result", value: { type: "x_result", n: 1 } },
  ],
  finish: { reason: "tool_calls", native: "tool_use" },
  usage: reportedUsage({ input: 10, output: 2 }),
};

test("an answer written whole reads back as it was", () => {
  assert.deepEqual(reduceEvents(readResponse(writeResponse(answer, answerContext()))).response(), answer);
});

test("an answer written whole is what the SDK makes of its stream", async () => {
  const { id, content, stop_reason, usage } = await sdkMessage(written(eventsOf(answer)));
  const whole = writeResponse(answer, answerContext());
  assert.deepEqual(
    { id, content, stop_reason },
    { id: whole["id"], content: whole["content"], stop_reason: whole["stop_reason"] },
  );
  assert.equal(usage.input_tokens, 10);
});

test("broken arguments are repaired, hopeless ones kept as text, empty ones an object", () => {
  const inputs = ['{"a": 1,}', "17", ""].map((args) => {
    const parts: ChatResponse["parts"] = [{ type: "tool-call", id: "a", name: "f", arguments: args, kind: "function" }];
    const content = writeResponse({ ...answer, parts }, answerContext())["content"];
    return JSON.stringify(content);
  });
  assert.match(inputs[0] ?? "", /"input":\{"a":1\}/);
  assert.match(inputs[1] ?? "", /"input":\{"_raw":"17"\}/);
  assert.match(inputs[2] ?? "", /"input":\{\}/);
});

test("id, model and usage fall back on what the router knows", () => {
  const json = writeResponse({ id: "", model: "", parts: [], finish: { reason: "stop" } }, answerContext());
  assert.equal(json["id"], "msg_router1");
  assert.equal(json["model"], "claude-sonnet-4-5");
  assert.deepEqual(json["usage"], {
    input_tokens: 42,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: 0,
  });
});
