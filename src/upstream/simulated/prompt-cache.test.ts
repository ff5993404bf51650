import assert from "node:assert/strict";
import { test } from "node:test";
import { providerSchema } from "../../config/config.ts";
import { estimateTokens } from "../../core/estimate/estimate.ts";
import { type ChatRequest, emptyRequest } from "../../core/request.ts";
import { SimulatedPromptCache } from "./prompt-cache.ts";
import { simulatedSettings } from "./settings.ts";

test("a prompt cache: what a prompt begins with like one before it, for five minutes, if there is enough of it", () => {
  const cache = new SimulatedPromptCache();
  const said = (text: string) => ({ role: "user" as const, parts: [{ type: "text" as const, text }] });
  const long = "many words of a long prompt ".repeat(300);
  const ask = (texts: string[], nowMs: number, more: Partial<ChatRequest> = {}) => {
    const request = { ...emptyRequest("openai", "m"), messages: texts.map(said), ...more };
    const tokens = estimateTokens(request);
    const { read, written } = cache.use(request, tokens, nowMs);
    assert.ok(read + written === tokens || tokens < 1_024);
    return read / tokens;
  };
  const minutes = (count: number) => count * 60_000;
  assert.equal(ask([long], 0), 0);
  assert.ok(ask([long, "more"], minutes(4)) > 0.99);
  assert.equal(ask([long, "more"], minutes(5)), 1, "every use keeps it");
  assert.ok(ask([long, "else", long], minutes(9)) > 0.49);
  assert.equal(ask([`other ${long}`], minutes(9)), 0);
  assert.equal(ask([long], minutes(9), { model: "n" }), 0);
  assert.equal(ask([long], minutes(14)), 0, "it is cold");
  assert.equal(ask(["short"], 0), 0);
  assert.equal(ask(["short"], 0), 0);
});

test("what is told of the cache is what the API it speaks would tell", () => {
  const told = (more: object) =>
    simulatedSettings(providerSchema.parse({ name: "s", format: "simulated", ...more })).promptCache;
  assert.equal(told({}), undefined);
  const of = (speaks?: string) => {
    const { reads, writes } = told({ prompt_cache: true, ...(speaks && { speaks }) }) ?? {};
    return [reads, writes];
  };
  assert.deepEqual(
    [of(), of("anthropic")],
    [
      [true, true],
      [true, true],
    ],
  );
  for (const speaks of ["openai", "openai-responses", "gemini"]) assert.deepEqual(of(speaks), [true, false]);
  assert.deepEqual(of("ollama"), [false, false]);
});
