import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyRequest } from "../../core/request.ts";
import { anthropicProvider } from "./provider.ts";

test("the version is the client's own only when it speaks Anthropic; betas go through verbatim", () => {
  const own = emptyRequest("anthropic", "m");
  const client = { "anthropic-version": "2026-10-21", "anthropic-beta": "a-2026-01-01,b-new" };
  assert.deepEqual(anthropicProvider.headers(own, client), client);
  assert.deepEqual(anthropicProvider.headers(own, {}), { "anthropic-version": "2023-06-01" });
  assert.deepEqual(anthropicProvider.headers(emptyRequest("openai", "m"), { "anthropic-version": "2026-10-21" }), {
    "anthropic-version": "2023-06-01",
  });
});
