import assert from "node:assert/strict";
import { test } from "node:test";
import { rulesOf } from "./models-rules.ts";

test("names as providers and resellers write them", () => {
  assert.equal(rulesOf("claude-3-5-sonnet-20241022").maxOutput, 8192);
  assert.equal(rulesOf("claude-3-opus-20240229").maxOutput, 4096);
  assert.equal(rulesOf("claude-3-7-sonnet-latest").maxOutput, 64_000);
  assert.equal(rulesOf("claude-sonnet-4-20250514"), rulesOf("claude-sonnet-4-0"));
  assert.equal(rulesOf("claude-opus-4-20250514").maxOutput, 32_000);
  assert.equal(rulesOf("us.anthropic.claude-opus-4-5-20251101-v1:0").maxOutput, 64_000);
  assert.equal(rulesOf("anthropic/claude-sonnet-4.6").maxOutput, 128_000);
  assert.equal(rulesOf("Claude-Opus-5.5"), rulesOf("claude-opus-5-5"));
});

test("unknown models are assumed permissive", () => {
  for (const name of ["glm-5", "my-local-model", "claude", "claude-instant"]) {
    const rules = rulesOf(name);
    assert.equal(rules.known, false, name);
    assert.equal(rules.sampling, "free");
    assert.equal(rules.prefill, true);
    assert.equal(rules.maxOutput, 8192);
  }
});

test("what each generation refuses", () => {
  const rows = [
    ["claude-3-haiku-20240307", "free", true, true],
    ["claude-sonnet-4-0", "free", true, true],
    ["claude-haiku-4-5", "one", true, true],
    ["claude-opus-4-6", "one", true, false],
    ["claude-opus-4-7", "refused", true, false],
    ["claude-opus-5", "refused", true, false],
    ["claude-haiku-5-5", "refused", true, false],
    ["claude-sonnet-5-5", "refused", false, false],
    ["claude-opus-5-5", "refused", false, false],
    ["claude-fable-5-1", "refused", false, false],
    ["claude-opus-6", "refused", false, false],
  ] as const;
  for (const [name, sampling, forcedTool, prefill] of rows) {
    const rules = rulesOf(name);
    assert.deepEqual([name, rules.sampling, rules.forcedTool, rules.prefill], [name, sampling, forcedTool, prefill]);
  }
});

test("who takes system messages in mid-conversation", () => {
  assert.equal(rulesOf("claude-opus-4-8").midSystem, true);
  assert.equal(rulesOf("claude-sonnet-5").midSystem, true);
  assert.equal(rulesOf("claude-opus-4-7").midSystem, false);
});
