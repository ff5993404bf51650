import assert from "node:assert/strict";
import { test } from "node:test";
import { isObject, type JsonObject, objectsOf } from "../core/json.ts";
import { Losses } from "../core/loss.ts";
import { type ChatRequest, emptyRequest, type Reasoning } from "../core/request.ts";
import type { Quirks } from "../wire/format.ts";
import { PROVIDER_HALVES } from "../wire/registry.ts";
import { PRESETS } from "./catalogue.ts";

function going(reasoning?: Reasoning): ChatRequest {
  return {
    ...emptyRequest("anthropic", "m"),
    messages: [
      { role: "user", parts: [{ type: "text", text: "hi" }] },
      { role: "assistant", parts: [{ type: "text", text: "The rain" }] },
    ],
    goesOn: true,
    ...(reasoning && { reasoning }),
  };
}

function continues(format: string, model: string, quirks: Quirks = {}, reasoning?: Reasoning, thinks = false): boolean {
  const half = [...PROVIDER_HALVES.values()].find(({ dialect }) => dialect === format);
  const info = { id: model, capabilities: new Set(thinks ? ["thinking"] : []) };
  return half?.continues?.(going(reasoning), { model, info, quirks }) ?? false;
}

test("a text is gone on with only where it is known to be", () => {
  assert.equal(continues("anthropic", "claude-sonnet-4-5"), true);
  assert.equal(continues("anthropic", "claude-haiku-4-5"), true);
  assert.equal(continues("anthropic", "claude-opus-4-6"), false);
  assert.equal(continues("anthropic", "claude-sonnet-5-5"), false);
  assert.equal(continues("anthropic", "glm-5"), false, "an imitator's model");
  assert.equal(continues("anthropic", "claude-sonnet-4-5", {}, { budgetTokens: 2000 }), false, "thinking");
  assert.equal(continues("anthropic", "claude-sonnet-4-5", {}, { mode: "off" }), true);
  assert.equal(continues("ollama", "llama3"), true);
  assert.equal(continues("ollama", "qwen3", {}, undefined, true), false, "it would think first");
  assert.equal(continues("ollama", "qwen3", {}, { mode: "off" }, true), true);
  for (const format of ["openai", "openai-responses", "gemini", "simulated"])
    assert.equal(continues(format, "m"), false, format);
});

test("servers of Chat that go on are told to in their own words, and only then", () => {
  const written = (preset: string, request: ChatRequest): JsonObject => {
    const half = PROVIDER_HALVES.get("openai");
    const quirks = PRESETS.get(preset)?.quirks ?? {};
    assert.ok(half);
    if (request.goesOn) assert.equal(half.continues?.(request, { model: "m", quirks }), true, preset);
    return half.writeRequest(request, { model: "m", quirks }, new Losses(half.support));
  };
  const last = (body: JsonObject): unknown => objectsOf(body["messages"]).at(-1);
  const message = { role: "assistant", content: "The rain" };
  assert.deepEqual(last(written("mistral", going())), { ...message, prefix: true });
  assert.deepEqual(last(written("qwen", going())), { ...message, partial: true });
  assert.deepEqual(last(written("llamacpp", going())), message);
  const vllm = written("vllm", going());
  assert.equal(vllm["continue_final_message"], true);
  assert.equal(vllm["add_generation_prompt"], false);
  const { goesOn: _, ...plain } = going();
  assert.equal("continue_final_message" in written("vllm", plain), false);
  assert.equal(
    isObject(written("mistral", plain)) && JSON.stringify(written("mistral", plain)).includes("prefix"),
    false,
  );
});
