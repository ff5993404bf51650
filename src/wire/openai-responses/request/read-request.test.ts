import assert from "node:assert/strict";
import { test } from "node:test";
import { RouterError } from "../../../core/errors.ts";
import type { Json, JsonObject } from "../../../core/json.ts";
import type { ChatRequest, Message } from "../../../core/request.ts";
import { responsesClient } from "../client.ts";

function read(body: JsonObject, headers: Record<string, string> = {}): ChatRequest {
  return responsesClient.readRequest({ model: "m", input: "hi", ...body }, headers);
}

function messages(...input: Json[]): Message[] {
  return read({ input }).messages;
}

function refused(body: JsonObject, param: string): void {
  assert.throws(
    () => read(body),
    (error) => error instanceof RouterError && error.code === "bad_request" && error.param === param,
    `${JSON.stringify(body)} is refused for ${param}`,
  );
}

test("every field has its place", () => {
  const request = read({
    input: "hi",
    instructions: "Be brief.",
    stream: true,
    temperature: 0.5,
    top_p: 0.9,
    top_logprobs: 3,
    include: ["message.output_text.logprobs"],
    max_output_tokens: 100,
    parallel_tool_calls: false,
    prompt_cache_key: "key",
    safety_identifier: "person",
    metadata: { a: "b" },
    text: {
      verbosity: "low",
      format: { type: "json_schema", name: "n", schema: { type: "object" }, strict: true, description: "d" },
    },
    reasoning: { effort: "high", summary: "auto", context: "all_turns" },
    plugins: [{ id: "pareto-router", tier: "high" }],
    service_tier: "flex",
    truncation: null,
    brand_new: 1,
  });
  assert.deepEqual(request, {
    dialect: "openai-responses",
    model: "m",
    system: [{ type: "text", text: "Be brief." }],
    messages: [{ role: "user", parts: [{ type: "text", text: "hi" }] }],
    tools: [],
    parallelToolCalls: false,
    sampling: { temperature: 0.5, topP: 0.9, topLogprobs: 3, logprobs: true },
    maxOutputTokens: 100,
    output: { kind: "json_schema", schema: { type: "object" }, name: "n", description: "d", strict: true },
    reasoning: { effort: "high", display: "auto" },
    verbosity: "low",
    cache: { key: "key" },
    identity: { user: "person", session: "key", metadata: { a: "b" } },
    stream: true,
    includeUsage: true,
    plugins: [{ id: "pareto-router", settings: { tier: "high" } }],
    extra: {
      include: ["message.output_text.logprobs"],
      service_tier: "flex",
      brand_new: 1,
      reasoning: { context: "all_turns" },
    },
  });
});

test("the other shapes of a field", () => {
  assert.deepEqual(read({ text: { format: { type: "json_object" } } }).output, { kind: "json" });
  assert.equal(read({ text: { format: { type: "text" } } }).output, undefined);
  assert.equal(read({ user: "u" }).identity.user, "u");
  assert.deepEqual(read({ user: "u", safety_identifier: "s" }).extra, { user: "u" });
  assert.equal(read({}, { "session-id": "s1", "thread-id": "t1" }).identity.session, "s1");
  assert.deepEqual(read({ reasoning: { effort: "ultra" } }).extra, { reasoning: { effort: "ultra" } });
  assert.deepEqual(read({ input: null, previous_response_id: "resp_1" }).extra, { previous_response_id: "resp_1" });
});

test("what the API would refuse is refused, naming the field", () => {
  refused({ model: null }, "model");
  refused({ input: null }, "input");
  refused({ input: 4 }, "input");
  refused({ input: [{ type: "message", role: "robot", content: "x" }] }, "input[0].role");
  refused({ input: [{ role: "user", content: [{ type: "input_text" }] }] }, "input[0].content[0].text");
  refused({ input: [{ role: "user", content: [{ type: "input_image" }] }] }, "input[0].content[0].image_url");
  refused({ input: [{ type: "function_call", name: "f", arguments: "{}" }] }, "input[0].call_id");
  refused({ input: [{}] }, "input[0].type");
  refused({ temperature: "hot" }, "temperature");
  refused({ max_output_tokens: 0 }, "max_output_tokens");
  refused({ stream: "yes" }, "stream");
  refused({ tools: {} }, "tools");
  refused({ tools: [{ type: "function" }] }, "tools[0].name");
  refused({ tools: [{ name: "f" }] }, "tools[0].type");
  refused({ tool_choice: "sometimes" }, "tool_choice");
  refused({ text: { format: { type: "xml" } } }, "text.format.type");
  refused({ text: { format: { type: "json_schema" } } }, "text.format.schema");
});

test("leading system and developer items are the system prompt, later ones stay where they are", () => {
  const request = read({
    instructions: "one",
    input: [
      { role: "system", content: "two" },
      {
        type: "message",
        role: "developer",
        content: [{ type: "input_text", text: "three", prompt_cache_breakpoint: { mode: "explicit", ttl: "30m" } }],
      },
      { role: "user", content: "hi" },
      { role: "developer", content: "later" },
    ],
  });
  assert.deepEqual(request.system, [
    { type: "text", text: "one" },
    { type: "text", text: "two" },
    { type: "text", text: "three", cache: { ttl: "30m" } },
  ]);
  assert.deepEqual(request.messages, [
    { role: "user", parts: [{ type: "text", text: "hi" }] },
    { role: "system", parts: [{ type: "text", text: "later" }] },
  ]);
});

test("reasoning, text and calls in a row are one assistant message, their results one tool message", () => {
  const call = (id: string) => ({
    type: "function_call",
    id: `fc_${id}`,
    call_id: id,
    name: `tool_${id}`,
    arguments: "{}",
    status: "completed",
  });
  const result = (id: string, output: Json) => ({ type: "function_call_output", id: `fco_${id}`, call_id: id, output });
  assert.deepEqual(
    messages(
      { role: "user", content: "go" },
      {
        type: "reasoning",
        id: "rs_1",
        summary: [{ type: "summary_text", text: "hm" }],
        content: null,
        encrypted_content: "ENC",
      },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "Looking.", annotations: [] }] },
      call("a"),
      call("b"),
      result("b", "second"),
      result("a", [{ type: "input_text", text: "first" }]),
    ).slice(1),
    [
      {
        role: "assistant",
        parts: [
          {
            type: "reasoning",
            text: "hm",
            summary: true,
            id: "rs_1",
            state: { dialect: "openai-responses", kind: "encrypted", value: "ENC" },
          },
          { type: "text", text: "Looking." },
          { type: "tool-call", id: "a", name: "tool_a", arguments: "{}", kind: "function" },
          { type: "tool-call", id: "b", name: "tool_b", arguments: "{}", kind: "function" },
        ],
      },
      {
        role: "tool",
        parts: [
          {
            type: "tool-result",
            callId: "b",
            name: "tool_b",
            parts: [{ type: "text", text: "second" }],
            isError: false,
          },
          {
            type: "tool-result",
            callId: "a",
            name: "tool_a",
            parts: [{ type: "text", text: "first" }],
            isError: false,
          },
        ],
      },
    ],
  );
});

test("two assistant messages in a row stay two", () => {
  const said = (text: string) => ({ role: "assistant", content: text });
  assert.deepEqual(
    messages(said("one"), said("two")).map((message) => message.parts.length),
    [1, 1],
  );
});

test("ollama/ollama#15406: outputs that are lists of images and files arrive as such", () => {
  const png = "iVBORw0KGgoAAAANSUhEUg==";
  const [, message] = messages(
    { type: "custom_tool_call", call_id: "c", name: "view", input: "x" },
    {
      type: "custom_tool_call_output",
      call_id: "c",
      output: [
        { type: "input_image", image_url: `data:image/jpeg;base64,${png}`, detail: "low" },
        { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0x" },
        { type: "input_file", file_url: "https://a.test/b.pdf" },
        { type: "input_image", file_id: "file_1" },
        { type: "input_audio", input_audio: { data: "AAAA", format: "mp3" } },
        { type: "brand_new", value: 1 },
      ],
    },
  );
  const [result] = message?.parts ?? [];
  assert.ok(result?.type === "tool-result");
  assert.deepEqual(result.parts, [
    { type: "image", source: { kind: "base64", mediaType: "image/png", data: png }, detail: "low" },
    { type: "document", source: { kind: "base64", mediaType: "application/pdf", data: "JVBERi0x" }, title: "a.pdf" },
    { type: "document", source: { kind: "url", url: "https://a.test/b.pdf" } },
    { type: "image", source: { kind: "file", dialect: "openai-responses", id: "file_1" } },
    { type: "audio", data: "AAAA", format: "mp3" },
    { type: "opaque", dialect: "openai-responses", what: "brand_new", value: { type: "brand_new", value: 1 } },
  ]);
});

test("items nobody has a word for are kept whole, on the side they come from", () => {
  const reference = { id: "rs_1" };
  const output = { type: "computer_call_output", call_id: "c", output: {} };
  assert.deepEqual(messages(reference, output), [
    {
      role: "assistant",
      parts: [{ type: "opaque", dialect: "openai-responses", what: "item_reference", value: reference }],
    },
    {
      role: "user",
      parts: [{ type: "opaque", dialect: "openai-responses", what: "computer_call_output", value: output }],
    },
  ]);
});

test("configuration updates replace the request's own settings", () => {
  const { reasoning } = read({
    reasoning: { effort: "low" },
    input: [
      { role: "user", content: "x" },
      { type: "configuration_update", reasoning: { effort: "high" } },
    ],
  });
  assert.equal(reasoning?.effort, "high");
});

test("tools of every kind, in the body and in an item", () => {
  const custom = { type: "custom", name: "apply_patch", description: "d", format: { type: "grammar", syntax: "lark" } };
  const search = { type: "web_search", external_web_access: true };
  const { tools } = read({
    tools: [
      {
        type: "function",
        name: "f",
        description: "d",
        parameters: { type: "object" },
        strict: false,
        defer_loading: true,
      },
      custom,
      search,
    ],
    input: [
      {
        type: "additional_tools",
        role: "developer",
        tools: [{ type: "function", name: "g", parameters: null, strict: null }],
      },
      { role: "user", content: "x" },
    ],
  });
  assert.deepEqual(tools, [
    {
      kind: "function",
      name: "f",
      description: "d",
      parameters: { type: "object" },
      strict: false,
      extra: { defer_loading: true },
    },
    { kind: "custom", name: "apply_patch", description: "d", format: { type: "grammar", syntax: "lark" } },
    { kind: "hosted", dialect: "openai-responses", type: "web_search", value: search, twin: "web_search" },
    { kind: "function", name: "g" },
  ]);
});

const namespace = (name: string, ...tools: string[]) => ({
  type: "namespace",
  name,
  description: "Agents.",
  tools: tools.map((tool) => ({ type: "function", name: tool, description: "d" })),
});

test("namespaces are flattened in the tools, the choice and the history, to at most 64 characters", () => {
  const long = "n".repeat(70);
  const request = read({
    tools: [namespace("agents", "spawn", "wait"), namespace(long, "x")],
    tool_choice: { type: "function", name: "spawn", namespace: "agents" },
    input: [{ type: "function_call", call_id: "c", name: "spawn", namespace: "agents", arguments: "{}" }],
  });
  const names = request.tools.map((tool) => tool.kind !== "hosted" && tool.name);
  assert.deepEqual(names.slice(0, 2), ["agents__spawn", "agents__wait"]);
  assert.match(String(names[2]), /^n{55}_[0-9a-f]{8}$/);
  assert.deepEqual(request.toolChoice, { mode: "tool", name: "agents__spawn" });
  const [call] = request.messages[0]?.parts ?? [];
  assert.ok(call?.type === "tool-call");
  assert.equal(call.name, "agents__spawn");
  const [first, second] = request.tools;
  assert.ok(first?.kind === "function" && second?.kind === "function");
  assert.equal(first.description, "d\n\nAbout the tools named agents__*: Agents.");
  assert.equal(second.description, "d");
});

test("Wei-Shaw/sub2api#3989: two tools with one flat name are refused; the same tool again is no clash", () => {
  refused({ tools: [namespace("a", "b__c"), namespace("a__b", "c")] }, "tools[1].tools[0]");
  refused(
    {
      tools: [
        { type: "function", name: "f" },
        { type: "custom", name: "f" },
      ],
    },
    "tools[1]",
  );
  assert.equal(read({ tools: [namespace("a", "b"), namespace("a", "b")] }).tools.length, 1);
});

test("every form of tool_choice", () => {
  const choice = (value: Json) => read({ tool_choice: value }).toolChoice;
  assert.deepEqual(choice("required"), { mode: "required" });
  assert.deepEqual(choice({ type: "custom", name: "p" }), { mode: "tool", name: "p" });
  const tools = [{ type: "function", name: "f" }, { type: "web_search" }];
  assert.deepEqual(choice({ type: "allowed_tools", mode: "required", tools }), {
    mode: "allowed",
    names: ["f", "web_search"],
    required: true,
  });
  assert.deepEqual(read({ tool_choice: { type: "mcp", server_label: "s" } }).extra, {
    tool_choice: { type: "mcp", server_label: "s" },
  });
});
