import assert from "node:assert/strict";
import { test } from "node:test";
import { RouterError } from "../../../core/errors.ts";
import type { Json, JsonObject } from "../../../core/json.ts";
import { callIdFor } from "../../tools/ids.ts";
import { readRequest } from "./read-request.ts";

const PNG = "iVBORw0KGgoAAAANSUhEUg==";
const user = { role: "user", content: "q" };
const read = (body: JsonObject) => readRequest({ model: "m", messages: [user], ...body }, {});
const messages = (...list: Json[]) => read({ messages: list });

test("every scalar field in its place", () => {
  const request = read({
    temperature: 0.5,
    top_p: 0.9,
    top_k: 5,
    min_p: 0.1,
    repetition_penalty: 1.1,
    frequency_penalty: 1,
    presence_penalty: -1,
    seed: 7,
    n: 2,
    stop: "x",
    logprobs: true,
    top_logprobs: 3,
    logit_bias: { "50256": -100 },
    max_tokens: 10,
    max_completion_tokens: 20,
    reasoning_effort: "high",
    verbosity: "low",
    prompt_cache_key: "k",
    user: "u",
    metadata: { a: "b" },
    parallel_tool_calls: false,
    stream: true,
    stream_options: { include_usage: true },
    plugins: [{ id: "pareto-router", tier: "high" }],
  });
  assert.deepEqual(request, {
    dialect: "openai",
    model: "m",
    system: [],
    messages: [{ role: "user", parts: [{ type: "text", text: "q" }] }],
    tools: [],
    parallelToolCalls: false,
    sampling: {
      temperature: 0.5,
      topP: 0.9,
      topK: 5,
      minP: 0.1,
      repeatPenalty: 1.1,
      frequencyPenalty: 1,
      presencePenalty: -1,
      seed: 7,
      n: 2,
      stop: ["x"],
      logprobs: true,
      topLogprobs: 3,
      logitBias: { "50256": -100 },
    },
    maxOutputTokens: 20,
    reasoning: { effort: "high" },
    verbosity: "low",
    cache: { key: "k" },
    identity: { user: "u", session: "k", metadata: { a: "b" } },
    stream: true,
    includeUsage: true,
    plugins: [{ id: "pareto-router", settings: { tier: "high" } }],
    extra: {},
  });
});

test("unknown fields are kept, nulls say nothing", () => {
  const request = read({ store: true, service_tier: null, temperature: null, stop: null, brand_new: [1] });
  assert.deepEqual(request.extra, { store: true, brand_new: [1] });
  assert.deepEqual(request.sampling, {});
  assert.deepEqual(read({ stream: true, stream_options: { include_obfuscation: false } }).extra, {
    stream_options: { include_obfuscation: false },
  });
});

test("a key named __proto__ is a key like any other", () => {
  const request = readRequest(JSON.parse('{"model":"m","messages":[{"role":"user"}],"__proto__":{"stream":true}}'), {});
  assert.equal(request.stream, false);
  assert.equal(Object.getPrototypeOf(request.extra), Object.prototype);
});

test("leading system and developer messages are the system prompt, later ones stay in place", () => {
  const request = messages(
    { role: "system", content: "a" },
    {
      role: "developer",
      content: [{ type: "text", text: "b", prompt_cache_breakpoint: { mode: "explicit", ttl: "12h" } }],
    },
    user,
    { role: "developer", content: "c" },
  );
  assert.deepEqual(request.system, [
    { type: "text", text: "a" },
    { type: "text", text: "b", cache: { ttl: "12h" } },
  ]);
  assert.deepEqual(request.messages[1], { role: "system", parts: [{ type: "text", text: "c" }] });
});

test("tool results that follow one another are one message, each with the name of its tool", () => {
  const call = (id: string, name: string) => ({ id, type: "function", function: { name, arguments: "{}" } });
  const request = messages(
    user,
    { role: "assistant", content: null, tool_calls: [call("a", "f"), call("b", "g")] },
    { role: "tool", tool_call_id: "b", content: [{ type: "text", text: "2" }] },
    { role: "tool", tool_call_id: "a", content: "1" },
  );
  assert.deepEqual(request.messages[2], {
    role: "tool",
    parts: [
      { type: "tool-result", callId: "b", name: "g", parts: [{ type: "text", text: "2" }], isError: false },
      { type: "tool-result", callId: "a", name: "f", parts: [{ type: "text", text: "1" }], isError: false },
    ],
  });
});

test("deprecated functions, function_call and role function", () => {
  const request = read({
    messages: [
      user,
      { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
      { role: "function", name: "f", content: "r" },
    ],
    functions: [{ name: "f", parameters: { type: "object" } }],
    function_call: { name: "f" },
  });
  const id = callIdFor(1, "f", "{}");
  assert.deepEqual(request.messages[1]?.parts, [
    { type: "tool-call", id, name: "f", arguments: "{}", kind: "function" },
  ]);
  assert.deepEqual(request.messages[2]?.parts, [
    { type: "tool-result", callId: id, name: "f", parts: [{ type: "text", text: "r" }], isError: false },
  ]);
  assert.deepEqual(request.tools, [{ kind: "function", name: "f", parameters: { type: "object" } }]);
  assert.deepEqual(request.toolChoice, { mode: "tool", name: "f" });
});

test("an assistant turn: reasoning first, text, refusal, custom and function calls", () => {
  const request = messages({
    role: "assistant",
    name: "bob",
    content: [{ type: "text", text: "t" }],
    refusal: "no",
    reasoning_content: "r",
    audio: { id: "audio_1" },
    tool_calls: [
      { id: "a", type: "custom", custom: { name: "p", input: "free" } },
      { type: "function", function: { name: "f", arguments: "" } },
    ],
  });
  assert.deepEqual(request.messages[0], {
    role: "assistant",
    name: "bob",
    parts: [
      { type: "reasoning", text: "r" },
      { type: "text", text: "t" },
      { type: "refusal", text: "no" },
      { type: "opaque", dialect: "openai", what: "audio", value: { id: "audio_1" } },
      { type: "tool-call", id: "a", name: "p", arguments: "free", kind: "custom" },
      { type: "tool-call", id: callIdFor(0, "f", ""), name: "f", arguments: "", kind: "function" },
    ],
  });
});

test("images, files, audio; the bytes decide the media type; what nobody knows is opaque", () => {
  const { messages: list } = messages({
    role: "user",
    content: [
      { type: "image_url", image_url: { url: `data:image/jpg;base64,${PNG}`, detail: "low" } },
      { type: "image_url", image_url: "https://x.example/a.png" },
      { type: "input_audio", input_audio: { data: "AA==", format: "wav" } },
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" } },
      { type: "file", file: { file_id: "file-1" } },
      { type: "video_url", video_url: { url: "v" } },
    ],
  });
  assert.deepEqual(list[0]?.parts, [
    { type: "image", source: { kind: "base64", mediaType: "image/png", data: PNG }, detail: "low" },
    { type: "image", source: { kind: "url", url: "https://x.example/a.png" } },
    { type: "audio", data: "AA==", format: "wav" },
    { type: "document", source: { kind: "base64", mediaType: "application/pdf", data: "JVBERi0=" }, title: "a.pdf" },
    { type: "document", source: { kind: "file", dialect: "openai", id: "file-1" } },
    { type: "opaque", dialect: "openai", what: "video_url", value: { type: "video_url", video_url: { url: "v" } } },
  ]);
});

test("tools of every kind and every choice", () => {
  const { tools } = read({
    tools: [
      {
        type: "function",
        function: { name: "f", description: "d", strict: true, x: 1 },
        cache_control: { type: "ephemeral" },
      },
      { type: "custom", custom: { name: "c", format: { type: "text" } } },
      { type: "web_search" },
    ],
  });
  assert.deepEqual(tools, [
    { kind: "function", name: "f", description: "d", strict: true, cache: {}, extra: { function: { x: 1 } } },
    { kind: "custom", name: "c", format: { type: "text" } },
    { kind: "hosted", dialect: "openai", type: "web_search", value: { type: "web_search" } },
  ]);
  const choice = (value: Json) => read({ tool_choice: value }).toolChoice;
  assert.deepEqual(choice("required"), { mode: "required" });
  assert.deepEqual(choice({ type: "custom", custom: { name: "c" } }), { mode: "tool", name: "c" });
  const tool = { type: "function", function: { name: "f" } };
  assert.deepEqual(choice({ type: "allowed_tools", allowed_tools: { mode: "required", tools: [tool] } }), {
    mode: "allowed",
    names: ["f"],
    required: true,
  });
});

test("a role or a tool choice the API learns one day is kept, with the words for the classifiers", () => {
  const choice = { type: "sometimes", odds: 2 };
  const request = read({ messages: [{ role: "critic", content: "Hm." }], tool_choice: choice });
  assert.deepEqual(request.messages, [
    { role: "user", parts: [{ type: "text", text: "Hm." }], extra: { role: "critic" } },
  ]);
  assert.deepEqual([request.toolChoice, request.extra["tool_choice"]], [undefined, choice]);
});

test("response_format in its shapes; an unknown one is kept", () => {
  const output = (format: JsonObject) => read({ response_format: format }).output;
  assert.deepEqual(output({ type: "json_object" }), { kind: "json" });
  assert.equal(output({ type: "text" }), undefined);
  const wrapper = { name: "n", description: "d", schema: { type: "object" }, strict: true };
  assert.deepEqual(output({ type: "json_schema", json_schema: wrapper }), { kind: "json_schema", ...wrapper });
  assert.deepEqual(output({ type: "json_object", schema: {} }), { kind: "json_schema", schema: {} });
  assert.deepEqual(read({ response_format: { type: "grammar" } }).extra, { response_format: { type: "grammar" } });
});

test("OpenRouter's reasoning object, and an effort nobody knows", () => {
  const request = read({ reasoning: { effort: "low", max_tokens: 5, enabled: true, exclude: true } });
  assert.deepEqual(request.reasoning, { effort: "low", budgetTokens: 5, mode: "on" });
  assert.deepEqual(request.extra, { reasoning: { exclude: true } });
  assert.deepEqual(read({ reasoning_effort: "ultra" }).extra, { reasoning_effort: "ultra" });
});

test("signed thinking replayed by a Chat client is read with its state", () => {
  const details = [
    { type: "reasoning.text", text: "t", signature: "s", format: "anthropic" },
    { type: "reasoning.encrypted", data: "d", format: "anthropic" },
    { type: "reasoning.encrypted", summary: "s", data: "e", format: "openai-responses", id: "rs_1" },
  ];
  const request = messages({ role: "assistant", content: "x", reasoning_content: "t", reasoning_details: details });
  assert.deepEqual(request.messages[0]?.parts.slice(0, 3), [
    { type: "reasoning", text: "t", state: { dialect: "anthropic", kind: "signature", value: "s" } },
    { type: "reasoning", text: "", state: { dialect: "anthropic", kind: "redacted", value: "d" } },
    {
      type: "reasoning",
      text: "s",
      state: { dialect: "openai-responses", kind: "encrypted", value: "e" },
      summary: true,
      id: "rs_1",
    },
  ]);
});

test("what OpenAI would refuse is refused, naming the field", () => {
  const refused: [JsonObject, string][] = [
    [{ model: "" }, "model"],
    [{ model: 5 }, "model"],
    [{ messages: [] }, "messages"],
    [{ messages: "hi" }, "messages"],
    [{ messages: ["hi"] }, "messages[0]"],
    [{ messages: [{ content: "" }] }, "messages[0].role"],
    [{ messages: [{ role: "user", content: 5 }] }, "messages[0].content"],
    [{ messages: [{ role: "user", content: [{}] }] }, "messages[0].content[0].type"],
    [{ messages: [{ role: "user", content: [{ type: "image_url" }] }] }, "messages[0].content[0].image_url.url"],
    [{ messages: [{ role: "tool", content: "r" }] }, "messages[0].tool_call_id"],
    [
      { messages: [{ role: "assistant", tool_calls: [{ id: "a", function: {} }] }] },
      "messages[0].tool_calls[0].function.name",
    ],
    [{ temperature: "hot" }, "temperature"],
    [{ stop: [1] }, "stop"],
    [{ stream: "yes" }, "stream"],
    [{ tools: [{ type: "function", function: {} }] }, "tools[0].function.name"],
    [{ tools: [{ type: "function", function: { name: "f", parameters: "{}" } }] }, "tools[0].function.parameters"],
    [{ tools: [{ type: "function", function: { name: "f", description: 5 } }] }, "tools[0].function.description"],
    [{ tools: [{ type: "function", function: { name: "f", strict: "yes" } }] }, "tools[0].function.strict"],
    [{ tools: [{ type: "custom", custom: { name: "f", format: "lark" } }] }, "tools[0].custom.format"],
    [{ messages: [{ role: "assistant", tool_calls: {} }] }, "messages[0].tool_calls"],
    [
      { messages: [{ role: "assistant", tool_calls: [{ id: 5, function: { name: "f" } }] }] },
      "messages[0].tool_calls[0].id",
    ],
    [{ messages: [{ role: "user", name: ["n"], content: "x" }] }, "messages[0].name"],
    [{ response_format: { type: "json_schema", json_schema: { schema: [] } } }, "response_format.json_schema.schema"],
    [{ tool_choice: "perhaps" }, "tool_choice"],
    [{ plugins: [{}] }, "plugins[0].id"],
  ];
  for (const [body, param] of refused) {
    assert.throws(
      () => read(body),
      (error) => error instanceof RouterError && error.code === "bad_request" && error.param === param,
      param,
    );
  }
});
