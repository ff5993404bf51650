import assert from "node:assert/strict";
import { test } from "node:test";
import type { Loss } from "../../core/loss.ts";
import { lossHeader } from "./loss-header.ts";

const loss = (field: string, treatment = "dropped", severity: Loss["class"] = "report"): Loss => ({
  field,
  treatment,
  class: severity,
});

test("names field and treatment, in order, and keeps silent what has no effect", () => {
  assert.equal(lossHeader([]), undefined);
  assert.equal(lossHeader([loss("user", "dropped", "silent")]), undefined);
  assert.equal(
    lossHeader([loss("temperature", "clamped(1.4->1)"), loss("user", "dropped", "silent"), loss("messages[3].name")]),
    "temperature=clamped(1.4->1), messages[3].name=dropped",
  );
});

test("the same loss in every message of a long conversation is told once", () => {
  const losses = Array.from({ length: 600 }, (_, index) => loss(`messages[${index}].content[0].reasoning`));
  assert.equal(lossHeader([...losses, loss("seed")]), "messages[*].content[*].reasoning=dropped x600, seed=dropped");
});

test("never outgrows what clients and proxies take as a header", () => {
  const value = lossHeader(Array.from({ length: 5000 }, (_, index) => loss(`field_${index}`))) ?? "";
  assert.ok(value.length < 2100);
  assert.match(value, /, and \d+ more$/);
  assert.equal(lossHeader([loss("x".repeat(5000))]), "and 1 more");
});
