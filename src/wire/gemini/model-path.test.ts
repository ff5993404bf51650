import { equal } from "node:assert/strict";
import { test } from "node:test";
import { modelPath } from "./model-path.ts";

test("a name stays one segment of the path, whatever is in it", () => {
  equal(modelPath("gemini-2.5-pro", "countTokens"), "/models/gemini-2.5-pro:countTokens");
  equal(modelPath("tunedModels/mine", "countTokens"), "/tunedModels/mine:countTokens");
  equal(modelPath("models/../../x?a#b\r\n", "countTokens"), "/models/..%2F..%2Fx%3Fa%23b%0D%0A:countTokens");
  equal(modelPath("half \ud800", "countTokens"), "/models/half%20%EF%BF%BD:countTokens");
});
