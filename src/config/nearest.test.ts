import assert from "node:assert/strict";
import { test } from "node:test";
import { didYouMean, nearest } from "./nearest.ts";

test("finds what was meant", () => {
  const names = ["prefix", "latency", "fallback", "local"];
  const cases = { prefx: "prefix", perfix: "prefix", Latency: "latency", falback: "fallback", locl: "local" };
  for (const [wrong, right] of Object.entries(cases)) assert.equal(nearest(wrong, names), right, wrong);
});

test("suggests nothing for another word, or for a single letter", () => {
  assert.equal(nearest("weather", ["latency", "throughput"]), undefined);
  assert.equal(nearest("a", ["b"]), undefined);
  assert.equal(nearest("", ["ab"]), undefined);
  assert.equal(didYouMean("x", []), "");
  assert.equal(didYouMean("loacl", ["local"]), ', did you mean "local"?');
});
