import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../core/json.ts";
import { Losses } from "../core/loss.ts";
import type { Dialect } from "../core/part.ts";
import { emptyRequest, type Message } from "../core/request.ts";
import { anthropicProvider } from "./anthropic/provider.ts";
import type { ProviderHalf } from "./format.ts";
import { geminiProvider } from "./gemini/provider.ts";
import { ollamaProvider } from "./ollama/provider.ts";
import { openaiProvider } from "./openai/provider.ts";
import { responsesProvider } from "./openai-responses/provider.ts";

const user: Message = { role: "user", parts: [{ type: "text", text: "hi" }] };

function sent(half: ProviderHalf, dialect: Dialect, extra: JsonObject, model = "m", developerRole = true) {
  const losses = new Losses(half.support);
  const request = { ...emptyRequest(dialect, "m"), messages: [user], extra };
  const body = half.writeRequest(request, { model, quirks: { developerRole } }, losses);
  const tiers = ["service_tier", "serviceTier", "speed"].flatMap((field) => body[field] ?? []);
  return [...tiers, ...losses.list.map((loss) => `${loss.field} ${loss.class}`)];
}

test("between OpenAI's two APIs a tier goes as it is, to other servers of Chat it does not go", () => {
  for (const tier of ["auto", "default", "flex", "priority", "scale", "fast"]) {
    assert.deepEqual(sent(openaiProvider, "openai-responses", { service_tier: tier }), [tier]);
    assert.deepEqual(sent(responsesProvider, "openai", { service_tier: tier }), [tier]);
  }
  assert.deepEqual(sent(openaiProvider, "openai-responses", { service_tier: "ultrafast" }), ["fast"]);
  const flex = { service_tier: "flex" };
  assert.deepEqual(sent(openaiProvider, "openai-responses", flex, "m", false), ["service_tier silent"]);
});

test("fast is Claude's speed, both ways, for the models that have it", () => {
  for (const model of ["claude-opus-5-5", "claude-opus-5", "claude-fable-5-2"])
    assert.deepEqual(sent(anthropicProvider, "openai", { service_tier: "fast" }, model), ["fast"]);
  for (const model of ["claude-opus-4-8", "claude-sonnet-5-5", "claude-fable-5-1", "my-model"])
    assert.deepEqual(sent(anthropicProvider, "openai", { service_tier: "fast" }, model), ["service_tier silent"]);
  const asked = { ...emptyRequest("openai", "m"), extra: { service_tier: "fast" } };
  assert.equal(anthropicProvider.headers(asked, {})["anthropic-beta"], "fast-mode-2026-02-01");
  assert.equal(anthropicProvider.headers(emptyRequest("openai", "m"), {})["anthropic-beta"], undefined);
  assert.deepEqual(sent(responsesProvider, "anthropic", { speed: "fast" }), ["fast"]);
  assert.deepEqual(sent(openaiProvider, "anthropic", { speed: "fast", service_tier: "auto" }), ["fast"]);
});

test("standard is Anthropic's standard_only; flex and priority Gemini's; what an API has no word for is silent", () => {
  assert.deepEqual(sent(anthropicProvider, "openai", { service_tier: "default" }, "claude-opus-5"), ["standard_only"]);
  assert.deepEqual(sent(responsesProvider, "anthropic", { service_tier: "standard_only" }), ["default"]);
  assert.deepEqual(sent(responsesProvider, "gemini", { serviceTier: "SERVICE_TIER_FLEX" }), ["flex"]);
  assert.deepEqual(sent(geminiProvider, "openai", { service_tier: "priority" }), ["priority"]);
  assert.deepEqual(sent(geminiProvider, "anthropic", { speed: "fast" }), ["speed silent"]);
  assert.deepEqual(sent(ollamaProvider, "openai", { service_tier: "priority" }), ["service_tier silent"]);
  assert.deepEqual(sent(ollamaProvider, "gemini", { serviceTier: "flex" }), ["serviceTier silent"]);
});
