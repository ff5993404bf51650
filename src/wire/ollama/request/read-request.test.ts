import assert from "node:assert/strict";
import { test } from "node:test";
import { RouterError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import { emptyRequest } from "../../../core/request.ts";
import { ollamaClient } from "../client.ts";
import { isLoadRequest } from "./read-request.ts";

const PNG = "iVBORw0KGgoAAAANSUhEUg==";
const JPEG = "/9j/4AAQSkZJRg==";

function read(body: JsonObject) {
  return ollamaClient.readRequest({ model: "m", ...body }, {});
}

const message = (fields: JsonObject) => read({ messages: [fields] }).messages[0];

test("every field of a request", () => {
  const schema = { type: "object", properties: { z: {}, a: {} } };
  const request = read({
    model: "qwen3:8b",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "system", content: "Be kind." },
      { role: "user", content: "Hi", images: [PNG] },
    ],
    tools: [
      { type: "function", function: { name: "look", description: "Looks", parameters: schema, strict: true } },
      { type: "function", function: { name: "bare" } },
    ],
    stream: false,
    format: schema,
    keep_alive: "5m",
    think: "high",
    truncate: false,
    logprobs: true,
    top_logprobs: 3,
    plugins: [{ id: "pareto-router", tier: "high" }],
    options: {
      num_ctx: 8192,
      num_predict: 256,
      temperature: 0.2,
      top_k: 40,
      top_p: 0.9,
      min_p: 0.05,
      repeat_penalty: 1.1,
      presence_penalty: 0.1,
      frequency_penalty: 0.3,
      seed: 7,
      stop: ["END"],
    },
  });
  assert.deepEqual(request, {
    ...emptyRequest("ollama", "qwen3:8b"),
    includeUsage: true,
    system: [
      { type: "text", text: "Be brief." },
      { type: "text", text: "Be kind." },
    ],
    messages: [
      {
        role: "user",
        parts: [
          { type: "text", text: "Hi" },
          { type: "image", source: { kind: "base64", mediaType: "image/png", data: PNG } },
        ],
      },
    ],
    tools: [
      { kind: "function", name: "look", description: "Looks", parameters: schema, extra: { strict: true } },
      { kind: "function", name: "bare" },
    ],
    sampling: {
      temperature: 0.2,
      topK: 40,
      topP: 0.9,
      minP: 0.05,
      repeatPenalty: 1.1,
      presencePenalty: 0.1,
      frequencyPenalty: 0.3,
      seed: 7,
      stop: ["END"],
      logprobs: true,
      topLogprobs: 3,
    },
    maxOutputTokens: 256,
    output: { kind: "json_schema", schema },
    reasoning: { effort: "high", display: "auto" },
    plugins: [{ id: "pareto-router", settings: { tier: "high" } }],
    extra: { keep_alive: "5m", truncate: false, "options.num_ctx": 8192 },
  });
});

test("streaming is the default", () => {
  assert.equal(read({}).stream, true);
  assert.equal(read({ stream: null }).stream, true);
  assert.equal(read({ stream: false }).stream, false);
});

test("think: yes, no, a level, a level only the model knows", () => {
  assert.deepEqual(read({ think: true }).reasoning, { mode: "on", display: "auto" });
  assert.deepEqual(read({ think: false }).reasoning, { mode: "off", effort: "none" });
  assert.deepEqual(read({ think: "max" }).reasoning, { effort: "max", display: "auto" });
  assert.equal(read({}).reasoning, undefined);
  const own = read({ think: "deepest" });
  assert.deepEqual(own.reasoning, { mode: "on", display: "auto" });
  assert.deepEqual(own.extra, { think: "deepest" });
});

test("format: json, a schema, nothing", () => {
  assert.deepEqual(read({ format: "json" }).output, { kind: "json" });
  assert.equal(read({ format: "" }).output, undefined);
  assert.equal(read({ format: null }).output, undefined);
});

test("no limit is no limit, whichever way it is said", () => {
  for (const num_predict of [-1, -2, 0]) {
    const request = read({ options: { num_predict } });
    assert.equal(request.maxOutputTokens, undefined);
    assert.deepEqual(request.extra, {});
  }
});

test("unknown fields are kept, not refused: ollama-ai-provider-v2 sends OpenAI's at top level", () => {
  const request = read({ temperature: 0.5, max_output_tokens: 9, tool_choice: "auto", options: { mirostat: 2 } });
  assert.deepEqual(request.sampling, {});
  assert.deepEqual(request.extra, {
    temperature: 0.5,
    max_output_tokens: 9,
    tool_choice: "auto",
    "options.mirostat": 2,
  });
});

test("a system message in mid-conversation stays in its place", () => {
  const request = read({
    messages: [
      { role: "system", content: "first" },
      { role: "user", content: "a" },
      { role: "system", content: "later" },
    ],
  });
  assert.deepEqual(request.system, [{ type: "text", text: "first" }]);
  assert.deepEqual(
    request.messages.map(({ role }) => role),
    ["user", "system"],
  );
});

test("an assistant turn: thinking, then text, then calls with their raw arguments in the order written", () => {
  const call = { id: "c1", function: { index: 0, name: "look", arguments: { z: 1, a: { y: "ü", b: null } } } };
  assert.deepEqual(message({ role: "assistant", content: "So:", thinking: "Hm.", tool_calls: [call] }), {
    role: "assistant",
    parts: [
      { type: "reasoning", text: "Hm." },
      { type: "text", text: "So:" },
      { type: "tool-call", id: "c1", name: "look", arguments: '{"z":1,"a":{"y":"ü","b":null}}', kind: "function" },
    ],
  });
});

test("a call without arguments has {} and not nothing (BerriAI/litellm#5063)", () => {
  for (const fn of [{ name: "t" }, { name: "t", arguments: {} }, { name: "t", arguments: null }]) {
    const [part] = message({ role: "assistant", tool_calls: [{ function: fn }] })?.parts ?? [];
    assert.equal(part?.type === "tool-call" && part.arguments, "{}");
  }
});

/** The ids of calls, and the ids results were paired with. */
function pairing(messages: JsonObject[]): { calls: string[]; results: string[] } {
  const parts = read({ messages }).messages.flatMap((each) => each.parts);
  return {
    calls: parts.flatMap((part) => (part.type === "tool-call" ? [part.id] : [])),
    results: parts.flatMap((part) => (part.type === "tool-result" ? [part.callId] : [])),
  };
}

const calling = (...calls: JsonObject[]): JsonObject => ({ role: "assistant", content: "", tool_calls: calls });
const of = (name: string, id?: string): JsonObject => ({ ...(id && { id }), function: { name, arguments: {} } });

test("results find their calls by id, in any order, two of one tool too (ollama/ollama#12988)", () => {
  const { results } = pairing([
    calling(of("look", "a"), of("look", "b")),
    { role: "tool", content: "of b", tool_call_id: "b", tool_name: "look" },
    { role: "tool", content: "of a", tool_call_id: "a", tool_name: "look" },
  ]);
  assert.deepEqual(results, ["b", "a"]);
});

test("without ids results find their calls by name and order (ollama-js)", () => {
  const { calls, results } = pairing([
    calling(of("look"), of("walk"), of("look")),
    { role: "tool", content: "1", tool_name: "walk" },
    { role: "tool", content: "2", tool_name: "look" },
    { role: "tool", content: "3", tool_name: "look" },
  ]);
  assert.equal(new Set(calls).size, 3, "equal calls have ids of their own");
  assert.deepEqual(results, [calls[1], calls[0], calls[2]]);
});

test("without name and id results belong to the calls in turn", () => {
  const { calls, results } = pairing([calling(of("a")), calling(of("b")), { role: "tool" }, { role: "tool" }]);
  assert.deepEqual(results, calls);
});

test("a call the user interrupted is not given the results of later ones", () => {
  const { calls, results } = pairing([
    calling(of("look")),
    { role: "user", content: "stop" },
    calling(of("look")),
    { role: "tool", content: "x", tool_name: "look" },
  ]);
  assert.deepEqual(results, [calls[1]]);
});

test("a result nobody asked for keeps its id, or gets one", () => {
  assert.deepEqual(pairing([{ role: "tool", content: "x", tool_call_id: "lost" }]).results, ["lost"]);
  assert.match(pairing([{ role: "tool", content: "x", tool_name: "t" }]).results[0] ?? "", /^call_/);
});

test("made-up ids stay the same as the conversation grows, so prompt caches hold", () => {
  const turn = [calling(of("look")), { role: "tool", content: "1", tool_name: "look" }];
  const { calls } = pairing(turn);
  assert.deepEqual(pairing([...turn, { role: "user", content: "more" }, ...turn]).calls[0], calls[0]);
});

test("a tool result carries its name and images", () => {
  assert.deepEqual(
    read({ messages: [calling(of("shoot", "a")), { role: "tool", content: "done", images: [JPEG] }] }).messages[1],
    {
      role: "tool",
      parts: [
        {
          type: "tool-result",
          callId: "a",
          name: "shoot",
          parts: [
            { type: "text", text: "done" },
            { type: "image", source: { kind: "base64", mediaType: "image/jpeg", data: JPEG } },
          ],
          isError: false,
        },
      ],
    },
  );
});

test("an image that came as a data URL is bare in the vocabulary", () => {
  const [part] = message({ role: "user", content: "", images: [`data:image/webp;base64,${JPEG}`] })?.parts ?? [];
  assert.deepEqual(part, { type: "image", source: { kind: "base64", mediaType: "image/jpeg", data: JPEG } });
});

test("what the API would refuse is refused, naming the field", () => {
  const bad: [JsonObject, string][] = [
    [{ model: "" }, "model"],
    [{ messages: "hi" }, "messages"],
    [{ messages: [1] }, "messages[0]"],
    [{ messages: [{ content: "x" }] }, "messages[0].role"],
    [{ messages: [{ role: "robot" }] }, "messages[0].role"],
    [{ messages: [{ role: "user", content: [{ type: "text" }] }] }, "messages[0].content"],
    [{ messages: [{ role: "user", images: [3] }] }, "messages[0].images[0]"],
    [{ messages: [{ role: "assistant", tool_calls: [{}] }] }, "messages[0].tool_calls[0].function"],
    [{ options: { temperature: "hot" } }, "options.temperature"],
    [{ options: { stop: [1] } }, "options.stop[0]"],
    [{ options: [] }, "options"],
    [{ format: "xml" }, "format"],
    [{ think: 3 }, "think"],
    [{ stream: "yes" }, "stream"],
    [{ tools: [{ type: "function" }] }, "tools[0].function"],
    [{ tools: [{ type: "function", function: {} }] }, "tools[0].function.name"],
    [{ plugins: [{}] }, "plugins[0].id"],
  ];
  for (const [body, param] of bad)
    assert.throws(
      () => read(body),
      (error) => error instanceof RouterError && error.code === "bad_request" && error.param === param,
      param,
    );
});

test("a body without messages only loads the model", () => {
  assert.equal(isLoadRequest({ model: "m" }), true);
  assert.equal(isLoadRequest({ model: "m", messages: [] }), true);
  assert.equal(isLoadRequest({ model: "m", messages: null }), true);
  assert.equal(isLoadRequest({ model: "m", messages: [{ role: "user", content: "" }] }), false);
});

test("a key named __proto__ is a field like any other", () => {
  const body: JsonObject = JSON.parse('{"model":"m","__proto__":{"polluted":true}}');
  const { extra } = ollamaClient.readRequest(body, {});
  assert.equal(Object.getPrototypeOf(extra), Object.prototype);
  assert.deepEqual(Object.keys(extra), ["__proto__"]);
});

test("a sound among the images is a sound", () => {
  const wav = Buffer.from("RIFF\0\0\0\0WAVEfmt ").toString("base64");
  const { messages } = ollamaClient.readRequest(
    { model: "m", messages: [{ role: "user", content: "", images: [wav] }] },
    {},
  );
  assert.deepEqual(messages[0]?.parts, [{ type: "audio", data: wav, format: "wav" }]);
});
