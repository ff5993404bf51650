import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { MODEL_ROWS, rulesOf, UNKNOWN_MODEL } from "./model-rules.ts";

test("names as Google and resellers write them", () => {
  const same: [string, string][] = [
    ["gemini-2.5-pro", "models/gemini-2.5-pro-preview-06-05"],
    ["gemini-3-pro", "google/gemini-3-pro-preview"],
    ["gemini-3.8-flash", "Gemini-3.8-Flash-001"],
    ["gemini-2.5-flash-lite", "gemini-2.5-flash-lite-preview-09-2025"],
  ];
  for (const [plain, written] of same) equal(rulesOf(written), rulesOf(plain), written);
});

test("families and versions are told apart", () => {
  deepEqual(rulesOf("gemini-2.5-flash").thinking, { by: "budget", min: 1, max: 24_576, off: true });
  deepEqual(rulesOf("gemini-2.5-flash-lite").thinking, { by: "budget", min: 512, max: 24_576, off: true });
  deepEqual(rulesOf("gemini-2.5-pro").thinking, { by: "budget", min: 128, max: 32_768, off: false });
  deepEqual(rulesOf("gemini-3.1-pro-preview").thinking, { by: "level", levels: ["low", "medium", "high"] });
  deepEqual(rulesOf("gemini-3.7-flash").thinking, { by: "level", levels: ["low", "medium", "high"] });
  equal(rulesOf("gemini-2.0-flash").thinking.by, "none");
  equal(rulesOf("gemini-1.5-pro").webUrls, false);
  equal(rulesOf("gemma-3-27b-it").system, false);
  for (const name of ["gemini-flash-latest", "tunedModels/mine", "gemini-12.3-nano"]) equal(rulesOf(name).signs, true);
  equal(rulesOf("gemini-flash-latest"), UNKNOWN_MODEL);
});

test("no row is hidden by one before it", () => {
  MODEL_ROWS.forEach((row, at) => {
    const hider = MODEL_ROWS.slice(0, at).find(
      (earlier) =>
        earlier.from <= row.from &&
        (earlier.families === undefined || earlier.families.join() === row.families?.join()),
    );
    equal(hider, undefined, JSON.stringify(row));
  });
});
