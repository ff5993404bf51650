import assert from "node:assert/strict";
import { test } from "node:test";
import { isAttribution } from "./attribution.ts";

test("the billing block of Claude Code is an attribution, text that only mentions it is not", () => {
  assert.equal(isAttribution({ type: "text", text: "x-anthropic-billing-header: cc_version=2.1.330; cch=0;" }), true);
  assert.equal(isAttribution({ type: "text", text: "Never print x-anthropic-billing-header." }), false);
  assert.equal(isAttribution({ type: "refusal", text: "x-anthropic-billing-header" }), false);
});
