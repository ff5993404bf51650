import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../core/json.ts";
import { Losses } from "../../core/loss.ts";
import { type ChatRequest, emptyRequest } from "../../core/request.ts";
import { responsesProvider } from "../openai-responses/provider.ts";
import { written } from "./testing.ts";

const ASKED: Partial<ChatRequest> = {
  sampling: { temperature: 0.5, topP: 0.9, presencePenalty: 0.1, logitBias: { "1": 1 }, stop: ["x"] },
  maxOutputTokens: 100,
  verbosity: "low",
  parallelToolCalls: false,
  tools: [{ kind: "function", name: "f" }],
};
const OPENAI = { maxTokensField: "max_completion_tokens", developerRole: true } as const;

function chat(model: string, change: Partial<ChatRequest> = ASKED, quirks = {}) {
  const request = { ...emptyRequest("anthropic", "m"), ...change };
  const { body, losses } = written(request, quirks, undefined, model);
  return { body, losses: losses.list.map(({ field, treatment }) => `${field}=${treatment}`) };
}

function responses(model: string, change: Partial<ChatRequest> = ASKED) {
  const losses = new Losses(responsesProvider.support);
  const request = { ...emptyRequest("anthropic", "m"), ...change };
  const body = responsesProvider.writeRequest(request, { model, quirks: {} }, losses);
  return { body, losses: losses.list.map(({ field, treatment }) => `${field}=${treatment}`) };
}

const told = (body: JsonObject, fields: string) => fields.split(" ").filter((field) => body[field] !== undefined);
const SAMPLING = "temperature top_p presence_penalty logit_bias stop parallel_tool_calls verbosity";

test("a model gets what it takes, the rest is named", () => {
  const o3 = chat("o3", ASKED, OPENAI);
  assert.deepEqual(told(o3.body, SAMPLING), []);
  assert.deepEqual(o3.losses, [
    "temperature=dropped",
    "top_p=dropped",
    "presence_penalty=dropped",
    "logit_bias=dropped",
    "stop=dropped",
    "verbosity=dropped",
  ]);
  const older = chat("gpt-4.1", { ...ASKED, verbosity: "medium" }, OPENAI);
  assert.deepEqual(told(older.body, SAMPLING).length, 6);
  assert.deepEqual(older.losses, []);
  assert.deepEqual(chat("my-model", ASKED, OPENAI).losses, []);
});

test("values that change nothing are left out without a word", () => {
  const neutral = { temperature: 1, topP: 1, presencePenalty: 0, frequencyPenalty: 0, logprobs: false };
  const { body, losses } = chat("gpt-5-mini", { sampling: neutral, verbosity: "low" }, OPENAI);
  assert.deepEqual(told(body, `${SAMPLING} frequency_penalty`), ["verbosity"]);
  assert.deepEqual(losses, []);
});

test("sampling goes along only while the model does not think", () => {
  const sampling = { temperature: 0.5 };
  const temperatures = (model: string, effort?: "none" | "low") =>
    chat(model, { sampling, ...(effort && { reasoning: { effort } }) }).body["temperature"];
  assert.equal(temperatures("gpt-5.1"), 0.5);
  assert.equal(temperatures("gpt-5.1", "low"), undefined);
  assert.equal(temperatures("gpt-5.6-sol"), undefined);
  assert.equal(temperatures("gpt-5.6-sol", "none"), 0.5);
  assert.equal(temperatures("gpt-6-sol", "none"), undefined);
  assert.equal(responses("gpt-5.1", { sampling }).body["temperature"], 0.5);
  assert.equal(responses("gpt-5.1", { sampling, reasoning: { effort: "high" } }).body["temperature"], undefined);
});

test("reasoning models want max_completion_tokens, whatever the server", () => {
  assert.equal(chat("o3").body["max_completion_tokens"], 100);
  assert.equal(chat("openai/gpt-5").body["max_completion_tokens"], 100);
  assert.equal(chat("gpt-4o").body["max_tokens"], 100);
  assert.equal(chat("llama").body["max_tokens"], 100);
});

test("efforts a model does not have, in both APIs", () => {
  const max = { reasoning: { effort: "max" as const } };
  assert.equal(chat("gpt-5.2", max).body["reasoning_effort"], "xhigh");
  assert.deepEqual(chat("gpt-5.2", max).losses, ["reasoning_effort=approximated(max->xhigh)"]);
  assert.deepEqual(responses("o3", max).body["reasoning"], { effort: "high" });
  assert.deepEqual(chat("gpt-4o", max).body["reasoning_effort"], undefined);
  assert.deepEqual(chat("gpt-4o", max).losses, ["reasoning_effort=dropped"]);
  assert.deepEqual(responses("gpt-4o", max).body["reasoning"], undefined);
  const off = { reasoning: { mode: "off" as const } };
  assert.deepEqual(chat("gpt-4o", off).losses, []);
  assert.deepEqual(chat("gpt-5", off).losses, ["reasoning_effort=approximated(none->minimal)"]);
  assert.equal(chat("gpt-5.5", off).body["reasoning_effort"], "none");
  assert.equal(chat("qwen3", off).body["reasoning_effort"], undefined);
});

test("Chat takes tools of the newest models only without reasoning", () => {
  const tools: ChatRequest["tools"] = [{ kind: "function", name: "f" }];
  assert.equal(chat("gpt-5.6-terra", { tools }).body["reasoning_effort"], "none");
  assert.deepEqual(chat("gpt-5.4", { tools, reasoning: { effort: "high" } }).losses, [
    "reasoning_effort=lowered(high->none) with tools",
  ]);
  assert.equal(chat("gpt-5.4", { tools }).body["reasoning_effort"], undefined);
  assert.equal(chat("openai/gpt-5.6-terra", { tools }).body["reasoning_effort"], undefined);
  const high = { tools, reasoning: { effort: "high" as const } };
  assert.deepEqual(responses("gpt-5.6-terra", high).body["reasoning"], { effort: "high" });
  assert.deepEqual(responses("gpt-5.6-terra", high).losses, []);
});

test("Responses asks for encrypted reasoning of every model that reasons", () => {
  const include = (model: string, change: Partial<ChatRequest> = {}) => responses(model, change).body["include"];
  assert.deepEqual(include("gpt-5.4"), ["reasoning.encrypted_content"]);
  assert.deepEqual(include("gpt-4.1"), undefined);
  assert.deepEqual(include("gpt-4.1", { reasoning: { effort: "low" } }), undefined);
  assert.deepEqual(include("my-model"), undefined);
  assert.deepEqual(include("my-model", { reasoning: { effort: "low" } }), ["reasoning.encrypted_content"]);
});

test("a foreign client's numbers are fitted to OpenAI's ranges", () => {
  const { body, losses } = chat("gpt-4o", { sampling: { temperature: 2.5, presencePenalty: -3 } });
  assert.deepEqual([body["temperature"], body["presence_penalty"]], [2, -2]);
  assert.deepEqual(losses, ["temperature=clamped(2.5->2)", "presence_penalty=clamped(-3->-2)"]);
});
