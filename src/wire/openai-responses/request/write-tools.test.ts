import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../../core/json.ts";
import { Losses } from "../../../core/loss.ts";
import type { Dialect, Part } from "../../../core/part.ts";
import { type ChatRequest, emptyRequest, type HostedTool, type HostedTwin } from "../../../core/request.ts";
import { responsesProvider } from "../provider.ts";

function write(change: Partial<ChatRequest>, model = "sent") {
  const losses = new Losses(responsesProvider.support);
  const request = { ...emptyRequest("anthropic", "asked"), ...change };
  const body = responsesProvider.writeRequest(request, { model, quirks: {} }, losses);
  return { body, losses: losses.list.map(({ field, treatment }) => `${field}=${treatment}`) };
}

function hosted(dialect: Dialect, type: string, twin: HostedTwin | undefined, value: JsonObject): HostedTool {
  return { kind: "hosted", dialect, type, value, ...(twin && { twin }) };
}

test("hosted tools of other APIs that have a twin", () => {
  const place = { city: "Bonn", country: "DE" };
  const { body, losses } = write({
    tools: [
      hosted("anthropic", "web_search_20250305", "web_search", {
        name: "web_search",
        max_uses: 3,
        blocked_domains: ["b.test"],
        user_location: { type: "approximate", ...place },
      }),
      hosted("openai", "web_search_options", "web_search", {
        search_context_size: "low",
        user_location: { type: "approximate", approximate: place },
      }),
      hosted("anthropic", "code_execution_20250825", "code_execution", { name: "code_execution" }),
      hosted("anthropic", "web_fetch_20250910", "web_fetch", { name: "web_fetch" }),
      hosted("openai-responses", "web_search_2025_08_26", "web_search", { type: "web_search_2025_08_26", x: 1 }),
    ],
    toolChoice: { mode: "tool", name: "code_execution" },
  });
  assert.deepEqual(body["tools"], [
    { type: "web_search", user_location: { type: "approximate", ...place } },
    { type: "web_search", user_location: { type: "approximate", ...place }, search_context_size: "low" },
    { type: "code_interpreter", container: { type: "auto" } },
    { type: "web_search_2025_08_26", x: 1 },
  ]);
  assert.deepEqual(body["tool_choice"], { type: "code_interpreter" });
  assert.deepEqual(losses, ["tools[0].blocked_domains=dropped", "tools[0].max_uses=dropped", "tools[3]=dropped"]);
});

test("a model without free-form tools is given a function, and its earlier calls as such", () => {
  const call: Part = { type: "tool-call", id: "a", name: "patch", arguments: 'say "hi"', kind: "custom" };
  const format = { type: "grammar", syntax: "lark", definition: "start: /x/" };
  const change: Partial<ChatRequest> = {
    dialect: "openai",
    tools: [{ kind: "custom", name: "patch", description: "Edits.", format }],
    toolChoice: { mode: "tool", name: "patch" },
    messages: [
      { role: "assistant", parts: [call] },
      { role: "tool", parts: [{ type: "tool-result", callId: "a", parts: [], isError: false }] },
    ],
  };
  const { body, losses } = write(change, "gpt-4.1");
  assert.deepEqual(body["tools"], [
    {
      type: "function",
      name: "patch",
      description: "Edits.\n\nThe input must follow this lark grammar:\nstart: /x/",
      parameters: { type: "object", properties: { input: { type: "string" } }, required: ["input"] },
      strict: false,
    },
  ]);
  assert.deepEqual(body["tool_choice"], { type: "function", name: "patch" });
  assert.deepEqual(body["input"], [
    { type: "function_call", call_id: "a", name: "patch", arguments: '{"input":"say \\"hi\\""}' },
    { type: "function_call_output", call_id: "a", output: "" },
  ]);
  assert.deepEqual(losses, ["tools[0].format=told in the description"]);
  assert.deepEqual(write(change, "gpt-5").body["tool_choice"], { type: "custom", name: "patch" });
});
