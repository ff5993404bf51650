import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { ChatRequest, Message } from "opensourcellmrouter/plugin";
import classifier from "./classifier.ts";

const hello: Message = { role: "user", parts: [{ type: "text", text: "Hello." }] };

test("NAME tags conversations that are long enough", () => {
  const { classify } = classifier.create({ tag: "long", from: 2 });
  // Only what it looks at.
  deepEqual(classify({ messages: [hello] } as ChatRequest), []);
  deepEqual(classify({ messages: [hello, hello] } as ChatRequest), ["long"]);
});
