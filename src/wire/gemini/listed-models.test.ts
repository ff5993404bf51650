import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { readModelPage } from "./listed-models.ts";

const entry = (name: string, methods: string[], more = {}) => ({
  name: `models/${name}`,
  displayName: name.toUpperCase(),
  inputTokenLimit: 1000,
  supportedGenerationMethods: methods,
  ...more,
});

test("models under their bare names, with what they can do", () => {
  const { models, next } = readModelPage({
    models: [
      entry("gemini-3.8-flash", ["generateContent", "countTokens"], { thinking: true }),
      entry("gemini-2.0-flash", ["generateContent"]),
      entry("gemini-2.5-flash-image", ["generateContent"]),
      entry("gemini-embedding-001", ["embedContent"]),
      entry("imagen-4", ["predict"]),
    ],
    nextPageToken: "p2",
  });
  equal(next, "p2");
  deepEqual(
    models.map(({ id, capabilities }) => [id, capabilities && [...capabilities]]),
    [
      ["gemini-3.8-flash", ["completion", "tools", "vision", "thinking"]],
      ["gemini-2.0-flash", ["completion", "tools", "vision"]],
      ["gemini-2.5-flash-image", undefined],
      ["gemini-embedding-001", ["embedding"]],
    ],
  );
  deepEqual([models[0]?.contextLength, models[0]?.displayName], [1000, "GEMINI-3.8-FLASH"]);
});

test("an empty list, and what is none", () => {
  deepEqual(readModelPage({}), { models: [], next: undefined });
  throws(() => readModelPage({ models: "x" }), /no models/);
  throws(() => readModelPage([]), /no models/);
});
