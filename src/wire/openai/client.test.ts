import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { reduceEvents } from "../../core/response.ts";
import { openaiClient } from "./client.ts";
import { openaiProvider } from "./provider.ts";
import { answerContext, readAll, sse, writeAll } from "./testing.ts";

test("the official SDK raises our errors as its own, with code, type and field", async () => {
  const body = openaiClient.writeError({ status: 400, code: "bad_request", message: "m", own: true, param: "n" });
  const fetch = async () => Response.json(body, { status: 400 });
  const client = new OpenAI({ apiKey: "k", baseURL: "http://x.invalid/v1", fetch, maxRetries: 0 });
  await assert.rejects(client.chat.completions.create({ model: "m", messages: [] }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.deepEqual([error.code, error.type, error.param], ["bad_request", "router_error", "n"]);
    return true;
  });
});

test("an HTML error page is told by its status and its text", () => {
  const failure = openaiProvider.readError(502, undefined, "<html>Bad gateway</html>");
  assert.deepEqual([failure.kind, failure.upstreamStatus], ["target", 502]);
  assert.match(failure.message, /Bad gateway/);
});

test("a two-turn tool loop over a Chat client: signed thinking, call and result come back as they were", () => {
  const state = { dialect: "anthropic", kind: "signature", value: "sig==" } as const;
  const writer = openaiClient.writeStream(answerContext());
  const text = writeAll(writer, [
    { type: "start", id: "msg_1", model: "claude" },
    { type: "block-start", index: 0, block: { type: "reasoning" } },
    { type: "reasoning-delta", index: 0, text: "let me " },
    { type: "reasoning-delta", index: 0, text: "see" },
    { type: "block-end", index: 0, state },
    { type: "block-start", index: 1, block: { type: "tool-call", id: "toolu_1", name: "f", kind: "function" } },
    { type: "arguments-delta", index: 1, text: '{"z":1,"a":2}' },
    { type: "block-end", index: 1 },
    { type: "finish", reason: "tool_calls" },
    { type: "end" },
  ]);
  const response = reduceEvents(readAll(openaiProvider.readStream(), text)).response();
  const whole = openaiClient.writeResponse(response, answerContext());
  const [choice] = [whole["choices"]].flat();
  assert.ok(typeof choice === "object" && choice !== null && "message" in choice);
  const result = { role: "tool", tool_call_id: "toolu_1", content: "r" };
  const messages = [{ role: "user", content: "q" }, choice["message"] ?? null, result];
  const request = openaiClient.readRequest({ model: "m", messages }, {});
  assert.deepEqual(request.messages[1]?.parts, [
    { type: "reasoning", text: "let me see", state },
    { type: "tool-call", id: "toolu_1", name: "f", arguments: '{"z":1,"a":2}', kind: "function" },
  ]);
  assert.equal(request.messages[2]?.parts[0]?.type, "tool-result");
});

test("a terminal of the wrong family does not end a Chat stream", () => {
  const events = readAll(openaiProvider.readStream(), `event: message_stop\n${sse({ type: "message_stop" })}`);
  const last = events.at(-1);
  assert.equal(last?.type === "error" && last.failure.kind, "cut");
});
