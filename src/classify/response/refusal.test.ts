import assert from "node:assert/strict";
import { test } from "node:test";
import { responseTagsOf } from "../../../test/support/classify.ts";
import type { FinishReason } from "../../core/event.ts";
import type { Part } from "../../core/part.ts";
import { REFUSAL_PHRASES, refusal } from "./refusal.ts";

function isTagged(parts: Part[], settings: object = {}, reason: FinishReason = "stop"): boolean {
  return responseTagsOf(refusal, settings, { parts, finish: { reason } }).includes("refusal");
}

const text = (value: string): Part[] => [{ type: "text", text: value }];

test("knows eight openings, in any case and with curly apostrophes", () => {
  assert.equal(REFUSAL_PHRASES.length, 8);
  for (const phrase of REFUSAL_PHRASES) {
    assert.ok(isTagged(text(`${phrase} that.`)), phrase);
    assert.ok(isTagged(text(`Well. ${phrase.toUpperCase().replaceAll("'", "\u2019")} that.`)), phrase);
  }
  assert.equal(isTagged(text("I can help with that.")), false);
});

test("phrases of one's own replace the list", () => {
  assert.ok(isTagged(text("Das mache ich NICHT."), { phrases: ["mache ich nicht"] }));
  assert.equal(isTagged(text("I'm unable to"), { phrases: ["mache ich nicht"] }), false);
});

test("believes a provider that says it declined; reasoning and tool calls do not count", () => {
  assert.ok(isTagged([{ type: "refusal", text: "no" }]));
  assert.ok(isTagged([], {}, "refusal"));
  assert.equal(isTagged([{ type: "reasoning", text: "I must decline" }]), false);
});
