import assert from "node:assert/strict";
import { test } from "node:test";
import { nearestEffort, rulesOf } from "./model-rules.ts";

test("names as OpenAI and resellers write them", () => {
  assert.equal(rulesOf("openai/gpt-5.4-mini"), rulesOf("GPT-5.4"));
  assert.equal(rulesOf("ft:gpt-4o-2024-08-06:acme::x1"), rulesOf("gpt-4.1"));
  assert.equal(rulesOf("o3-2025-04-16"), rulesOf("o4-mini"));
  assert.equal(rulesOf("gpt-5-mini-2025-08-07"), rulesOf("gpt-5"));
  assert.equal(rulesOf("gpt-6.1-sol"), rulesOf("gpt-6-luna"));
  assert.equal(rulesOf("gpt-10"), rulesOf("gpt-6-luna"));
});

test("models of others are sent what was asked for", () => {
  for (const name of ["gpt-oss-120b", "qwen3", "o", "my-gpt-5", "openai", "omni-moderation"]) {
    const rules = rulesOf(name);
    assert.deepEqual([name, rules.known, rules.sampling, rules.maxTokens], [name, false, "free", true]);
    assert.equal(nearestEffort("minimal", rules), "minimal");
  }
});

test("what each generation takes: sampling, stop, efforts, custom tools, cache marks", () => {
  const rows = [
    ["gpt-3.5-turbo", "free", true, "", false, false],
    ["chatgpt-4o-latest", "free", true, "", false, false],
    ["gpt-4o-mini-search-preview", "refused", true, "", false, false],
    ["o1", "refused", true, "low medium high", false, false],
    ["o3-mini", "refused", true, "low medium high", false, false],
    ["o3", "refused", false, "low medium high", false, false],
    ["o4-mini-deep-research", "refused", false, "medium", false, false],
    ["gpt-5", "refused", false, "minimal low medium high", true, false],
    ["gpt-5-chat-latest", "free", true, "", false, false],
    ["gpt-5.2-chat-latest", "refused", false, "medium", true, false],
    ["gpt-5-pro", "refused", false, "high", true, false],
    ["gpt-5.5-pro", "refused", false, "medium high xhigh", true, false],
    ["gpt-5.1-codex", "refused", false, "low medium high", true, false],
    ["gpt-5.1-codex-max", "refused", false, "low medium high xhigh", true, false],
    ["gpt-5.3-codex", "refused", false, "low medium high xhigh", true, false],
    ["gpt-5.1", "at-none", false, "none low medium high", true, false],
    ["gpt-5.4", "at-none", false, "none low medium high xhigh", true, false],
    ["gpt-5.6-terra", "at-none", false, "none low medium high xhigh max", true, true],
    ["gpt-6-astra", "refused", false, "none low medium high xhigh max", true, true],
  ] as const;
  for (const [name, ...wanted] of rows) {
    const { sampling, stop, efforts, customTools, cacheMarks } = rulesOf(name);
    assert.deepEqual([name, sampling, stop, efforts.join(" "), customTools, cacheMarks], [name, ...wanted]);
  }
});

test("an effort a model does not have becomes the next one up, or else its highest", () => {
  assert.equal(nearestEffort("none", rulesOf("gpt-5")), "minimal");
  assert.equal(nearestEffort("minimal", rulesOf("gpt-5.1")), "low");
  assert.equal(nearestEffort("max", rulesOf("gpt-5.1")), "high");
  assert.equal(nearestEffort("low", rulesOf("gpt-5-pro")), "high");
  assert.equal(nearestEffort("low", rulesOf("gpt-4o")), undefined);
});
