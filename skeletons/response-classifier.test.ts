import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { ChatResponse } from "opensourcellmrouter/plugin";
import classifier from "./response-classifier.ts";

test("NAME tags answers that are long enough", () => {
  const { classify } = classifier.create({ tag: "long", from: 6 });
  const saying = (text: string): ChatResponse => ({
    id: "1",
    model: "m",
    parts: [{ type: "text", text }],
    finish: { reason: "stop" },
  });
  deepEqual(classify(saying("Hello")), []);
  deepEqual(classify(saying("Hello.")), ["long"]);
});
