import assert from "node:assert/strict";
import { test } from "node:test";
import { RouterError } from "../../../core/errors.ts";
import type { Json, JsonObject } from "../../../core/json.ts";
import type { Part } from "../../../core/part.ts";
import { readRequest } from "./read-request.ts";

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB";
const cache_control = { type: "ephemeral" };

function read(fields: JsonObject): ReturnType<typeof readRequest> {
  return readRequest({ model: "m", max_tokens: 10, messages: [{ role: "user", content: "hi" }], ...fields }, {});
}

function partsOf(content: Json): Part[] {
  return read({ messages: [{ role: "user", content }] }).messages.flatMap((message) => message.parts);
}

test("a request of Claude Code: system blocks, mid-conversation system, session, everything it sends", () => {
  const request = readRequest(
    {
      model: "claude-opus-5-5",
      max_tokens: 64000,
      stream: true,
      system: [
        { type: "text", text: "x-anthropic-billing-header: cc" },
        { type: "text", text: "You are", cache_control },
      ],
      messages: [
        { role: "user", content: "hi" },
        { role: "system", content: [{ type: "text", text: "note", cache_control }], output_config: { effort: "low" } },
      ],
      thinking: { type: "adaptive", display: "omitted" },
      output_config: { effort: "high", task_budget: { type: "tokens", total: 9 } },
      metadata: { user_id: "u" },
      context_management: { edits: [] },
      safeguards: [],
    },
    { "x-claude-code-session-id": "s-1", "x-claude-code-agent-id": "a-1" },
  );
  assert.deepEqual(request.system, [
    { type: "text", text: "x-anthropic-billing-header: cc" },
    { type: "text", text: "You are", cache: {} },
  ]);
  assert.deepEqual(request.messages[1], {
    role: "system",
    parts: [{ type: "text", text: "note", cache: {} }],
    extra: { output_config: { effort: "low" } },
  });
  // The message's effort holds from there on; that of the whole request is kept for Anthropic.
  assert.deepEqual(request.reasoning, { effort: "low", mode: "adaptive", display: "omitted" });
  assert.deepEqual(request.identity, { user: "u", session: "s-1/a-1" });
  assert.equal(request.stream, true);
  assert.deepEqual(request.extra, {
    context_management: { edits: [] },
    safeguards: [],
    output_config: { effort: "high", task_budget: { type: "tokens", total: 9 } },
  });
});

test("tool results become a tool message with the tool's name, before the rest of their turn", () => {
  const { messages } = read({
    messages: [
      { role: "user", content: "go" },
      { role: "assistant", content: [{ type: "tool_use", id: "a", name: "read", input: { p: "x", b: 1 } }] },
      {
        role: "user",
        content: [
          { type: "text", text: "also" },
          {
            type: "tool_result",
            tool_use_id: "a",
            is_error: true,
            cache_control: { type: "ephemeral", ttl: "1h" },
            content: [
              { type: "text", text: "r" },
              { type: "image", source: { type: "base64", media_type: "image/jpg", data: PNG } },
              { type: "tool_reference", tool_name: "WebFetch" },
            ],
          },
        ],
      },
    ],
  });
  assert.deepEqual(
    messages.map((message) => message.role),
    ["user", "assistant", "tool", "user"],
  );
  assert.deepEqual(messages[1]?.parts, [
    { type: "tool-call", id: "a", name: "read", arguments: '{"p":"x","b":1}', kind: "function" },
  ]);
  assert.deepEqual(messages[2]?.parts, [
    {
      type: "tool-result",
      callId: "a",
      name: "read",
      isError: true,
      cache: { ttl: "1h" },
      parts: [
        { type: "text", text: "r" },
        { type: "image", source: { kind: "base64", mediaType: "image/png", data: PNG } },
        {
          type: "text",
          text: "The tool WebFetch is available now.",
          raw: { dialect: "anthropic", value: { type: "tool_reference", tool_name: "WebFetch" } },
        },
      ],
    },
  ]);
  assert.deepEqual(messages[3]?.parts, [{ type: "text", text: "also" }]);
});

test("thinking keeps its signature, redacted thinking its data, unsigned thinking has no state", () => {
  const parts = partsOf([
    { type: "thinking", thinking: "", signature: "sig" },
    { type: "redacted_thinking", data: "R" },
    { type: "thinking", thinking: "x", signature: "" },
  ]);
  assert.deepEqual(parts, [
    { type: "reasoning", text: "", state: { dialect: "anthropic", kind: "signature", value: "sig" } },
    { type: "reasoning", text: "", state: { dialect: "anthropic", kind: "redacted", value: "R" } },
    { type: "reasoning", text: "x" },
  ]);
});

test("images and documents of every source", () => {
  const parts = partsOf([
    { type: "image", source: { type: "url", url: "https://a.example/x.png" } },
    { type: "image", source: { type: "url", url: `data:image/png;base64,${PNG}` } },
    { type: "image", source: { type: "file", file_id: "file_1" } },
    { type: "image", source: { type: "hologram" } },
    { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0xLjQ=" }, title: "T" },
    { type: "document", source: { type: "text", media_type: "text/plain", data: "d" }, citations: { enabled: true } },
    {
      type: "document",
      source: {
        type: "content",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
    },
    { type: "document", source: { type: "content", content: [{ type: "image", source: {} }] }, context: "c" },
  ]);
  assert.deepEqual(
    parts.map((part) => ("source" in part ? part.source : part.type)),
    [
      { kind: "url", url: "https://a.example/x.png" },
      { kind: "base64", mediaType: "image/png", data: PNG },
      { kind: "file", dialect: "anthropic", id: "file_1" },
      "opaque",
      { kind: "base64", mediaType: "application/pdf", data: "JVBERi0xLjQ=" },
      { kind: "text", text: "d" },
      { kind: "text", text: "a\n\nb" },
      "opaque",
    ],
  );
  assert.equal(parts[4]?.type === "document" && parts[4].title, "T");
  assert.equal(parts[5]?.type === "document" && parts[5].citations, true);
});

test("tools: custom ones with their own keys, server tools whole", () => {
  const web = { type: "web_search_20250305", name: "web_search", max_uses: 8 };
  const { tools, toolChoice, parallelToolCalls } = read({
    tools: [
      {
        type: "custom",
        name: "f",
        description: "d",
        input_schema: { type: "object" },
        strict: true,
        defer_loading: true,
        cache_control,
      },
      web,
    ],
    tool_choice: { type: "tool", name: "f", disable_parallel_tool_use: true },
  });
  assert.deepEqual(tools, [
    {
      kind: "function",
      name: "f",
      description: "d",
      parameters: { type: "object" },
      strict: true,
      cache: {},
      extra: { defer_loading: true },
    },
    { kind: "hosted", dialect: "anthropic", type: "web_search_20250305", value: web, twin: "web_search" },
  ]);
  assert.deepEqual(toolChoice, { mode: "tool", name: "f" });
  assert.equal(parallelToolCalls, false);
});

test("sampling, thinking budget, structured output and top-level cache mark", () => {
  const request = read({
    temperature: 0.5,
    top_p: 0.9,
    top_k: 5,
    stop_sequences: ["END"],
    thinking: { type: "enabled", budget_tokens: 2000 },
    output_config: { format: { type: "json_schema", schema: { type: "object" } } },
    cache_control: { type: "ephemeral", ttl: "5m" },
  });
  assert.deepEqual(request.sampling, { temperature: 0.5, topP: 0.9, topK: 5, stop: ["END"] });
  assert.deepEqual(request.reasoning, { mode: "on", budgetTokens: 2000 });
  assert.deepEqual(request.output, { kind: "json_schema", schema: { type: "object" } });
  assert.deepEqual(request.cache, { automatic: { ttl: "5m" } });
  assert.deepEqual(request.extra, {});
});

test("a kind of thinking we do not know stays in extra", () => {
  const request = read({ thinking: { type: "between_tools" } });
  assert.equal(request.reasoning, undefined);
  assert.deepEqual(request.extra, { thinking: { type: "between_tools" } });
});

test("plugins are read, and never forwarded", () => {
  const request = read({ plugins: [{ id: "pareto-router", tier: "high" }] });
  assert.deepEqual(request.plugins, [{ id: "pareto-router", settings: { tier: "high" } }]);
  assert.deepEqual(request.extra, {});
});

test("max_tokens may be missing, because count_tokens has none", () => {
  assert.equal(readRequest({ model: "m", messages: [{ role: "user", content: "x" }] }, {}).maxOutputTokens, undefined);
});

test("a role or a tool choice the API learns one day is kept, with the words for the classifiers", () => {
  const choice = { type: "sometimes", odds: 2 };
  const messages = [{ role: "critic", content: "Hm." }];
  const request = readRequest({ model: "m", max_tokens: 9, messages, tool_choice: choice }, {});
  assert.deepEqual(request.messages, [
    { role: "user", parts: [{ type: "text", text: "Hm." }], extra: { role: "critic" } },
  ]);
  assert.deepEqual([request.toolChoice, request.extra["tool_choice"]], [undefined, choice]);
});

test("what makes no sense is refused, naming the field", () => {
  const message = (entry: Json): JsonObject => ({ messages: [entry] });
  const cases: [JsonObject, string][] = [
    [{ model: null }, "model"],
    [{ messages: "hi" }, "messages"],
    [{ messages: [] }, "messages"],
    [message("hi"), "messages.0"],
    [message({ content: "x" }), "messages.0.role"],
    [message({ role: "user", content: 3 }), "messages.0.content"],
    [message({ role: "user", content: ["x"] }), "messages.0.content.0"],
    [message({ role: "user", content: [{ text: "x" }] }), "messages.0.content.0.type"],
    [message({ role: "user", content: [{ type: "text" }] }), "messages.0.content.0.text"],
    [message({ role: "user", content: [{ type: "tool_result", content: "x" }] }), "messages.0.content.0.tool_use_id"],
    [message({ role: "assistant", content: [{ type: "tool_use", id: "x" }] }), "messages.0.content.0.name"],
    [{ system: 1 }, "system"],
    [{ max_tokens: "many" }, "max_tokens"],
    [{ tools: {} }, "tools"],
    [{ tools: [{ input_schema: {} }] }, "tools.0.name"],
    [{ tool_choice: { type: "tool" } }, "tool_choice.name"],
    [{ tool_choice: { name: "f" } }, "tool_choice.type"],
    [{ tool_choice: "any" }, "tool_choice"],
    [{ tool_choice: { type: "auto", disable_parallel_tool_use: 1 } }, "tool_choice.disable_parallel_tool_use"],
    [{ tools: [{ name: "f", input_schema: "{}" }] }, "tools.0.input_schema"],
    [{ tools: [{ name: "f", description: ["d"] }] }, "tools.0.description"],
    [{ tools: [{ name: "f", strict: "yes" }] }, "tools.0.strict"],
    [{ tools: [{ name: "f", cache_control: "ephemeral" }] }, "tools.0.cache_control"],
    [{ stop_sequences: "END" }, "stop_sequences"],
    [{ stop_sequences: ["END", 1] }, "stop_sequences.1"],
    [{ stream: "yes" }, "stream"],
    [{ thinking: "adaptive" }, "thinking"],
    [{ thinking: { type: "enabled", budget_tokens: "2k" } }, "thinking.budget_tokens"],
    [{ metadata: "me" }, "metadata"],
    [{ metadata: { user_id: 7 } }, "metadata.user_id"],
    [{ output_config: "high" }, "output_config"],
    [{ output_config: { format: "json" } }, "output_config.format"],
    [{ output_config: { format: { type: "json_schema", schema: [] } } }, "output_config.format.schema"],
    [message({ role: "user", content: [{ type: "image", source: "x.png" }] }), "messages.0.content.0.source"],
    [
      message({ role: "user", content: [{ type: "tool_result", tool_use_id: "x", is_error: "no" }] }),
      "messages.0.content.0.is_error",
    ],
    [{ plugins: [{}] }, "plugins.0.id"],
  ];
  for (const [fields, param] of cases) {
    assert.throws(
      () => read(fields),
      (error) => error instanceof RouterError && error.param === param && error.message.startsWith(`${param}: `),
      param,
    );
  }
});

test("what Anthropic says with blocks of its own others hear in words", () => {
  const reference = { type: "tool_reference", name: "WebFetch" };
  const blocks = [
    { type: "tool_addition", tool: reference },
    { type: "tool_removal", tool: reference },
    { type: "tool_addition", tool: { type: "custom", name: "f", input_schema: {} } },
    { type: "search_result", source: "https://a.example", title: "A", content: [{ type: "text", text: "found" }] },
  ];
  assert.deepEqual(
    partsOf(blocks).map((part) => (part.type === "text" ? part.text : part.type)),
    [
      "The tool WebFetch is available now.",
      "The tool WebFetch is not available any more.",
      "opaque",
      "A\nhttps://a.example\nfound",
    ],
  );
});
