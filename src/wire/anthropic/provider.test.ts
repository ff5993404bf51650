import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../core/json.ts";
import { emptyRequest } from "../../core/request.ts";
import { anthropicProvider } from "./provider.ts";
import { readRequest } from "./request/read-request.ts";

test("the version is the client's own only when it speaks Anthropic; betas go through verbatim", () => {
  const own = emptyRequest("anthropic", "m");
  const client = { "anthropic-version": "2026-10-21", "anthropic-beta": "a-2026-01-01,b-new" };
  assert.deepEqual(anthropicProvider.headers(own, client), client);
  assert.deepEqual(anthropicProvider.headers(own, {}), { "anthropic-version": "2023-06-01" });
  assert.deepEqual(anthropicProvider.headers(emptyRequest("openai", "m"), { "anthropic-version": "2026-10-21" }), {
    "anthropic-version": "2023-06-01",
  });
});

test("what another provider's answer left in a conversation keeps Claude from being sent the client's bytes", () => {
  const rewrites = (block: JsonObject, model = "claude-opus-5-5"): boolean => {
    const messages = [
      { role: "user", content: "a" },
      { role: "assistant", content: [block] },
    ];
    return anthropicProvider.mustRewrite?.(readRequest({ model: "m", messages }, {}), model) ?? false;
  };
  const cited = (encrypted_index: string) => ({
    type: "text",
    text: "t",
    citations: [{ type: "web_search_result_location", url: "https://a.example", encrypted_index }],
  });
  const foreign = [
    { type: "thinking", thinking: "t", signature: "" },
    { type: "server_tool_use", id: "srvtoolu_router_1", name: "web_search", input: {} },
    { type: "web_search_tool_result", tool_use_id: "srvtoolu_router_1", content: [] },
    cited(""),
  ];
  const own = [
    { type: "thinking", thinking: "", signature: "sig" },
    { type: "redacted_thinking", data: "d" },
    { type: "server_tool_use", id: "srvtoolu_01", name: "web_search", input: {} },
    cited("ZW5j"),
  ];
  assert.deepEqual(
    foreign.map((block) => rewrites(block)),
    [true, true, true, true],
  );
  assert.deepEqual(
    own.map((block) => rewrites(block)),
    [false, false, false, false],
  );
  // Who imitates the API may not sign, and want its thinking back.
  assert.deepEqual(
    foreign.map((block) => rewrites(block, "deepseek-chat")),
    [false, false, false, false],
  );
});
