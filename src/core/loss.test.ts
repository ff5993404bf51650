import assert from "node:assert/strict";
import { test } from "node:test";
import { OLLAMA_SUPPORT } from "../wire/ollama/support.ts";
import { Losses } from "./loss.ts";

test("a refused part says what it is and what to send in its place", () => {
  const losses = new Losses(OLLAMA_SUPPORT);
  losses.drop("image_url", "messages[0].content[1]");
  losses.drop("n");
  assert.deepEqual(losses.list, [
    { field: "messages[0].content[1]", treatment: "an image by URL: send its bytes", class: "reject" },
    { field: "n", treatment: "dropped", class: "reject" },
  ]);
});
