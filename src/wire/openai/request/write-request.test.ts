import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Json, JsonObject } from "../../../core/json.ts";
import type { Part } from "../../../core/part.ts";
import { type ChatRequest, emptyRequest, type Reasoning } from "../../../core/request.ts";
import { written } from "../testing.ts";
import { readRequest } from "./read-request.ts";

function request(change: Partial<ChatRequest>): ChatRequest {
  return { ...emptyRequest("anthropic", "m"), ...change };
}

const text = (value: string): Part => ({ type: "text", text: value });
const userSays = (...parts: Part[]) => request({ messages: [{ role: "user", parts }] });
const messagesOf = (change: Partial<ChatRequest>) => written(request(change)).body["messages"];
const lossesOf = (change: Partial<ChatRequest>) =>
  written(request(change)).losses.list.map((loss) => `${loss.field} ${loss.treatment} ${loss.class}`);

test("what a Chat client sent is what a Chat server gets, but for the model, the limit's name and usage", () => {
  const image = { type: "image_url", image_url: { url: "https://x.example/a.png", detail: "low" } };
  const body: JsonObject = {
    model: "m",
    messages: [
      { role: "system", content: "s" },
      { role: "user", name: "ann", content: [{ type: "text", text: "a" }, image] },
      {
        role: "assistant",
        content: null,
        reasoning_content: "r",
        tool_calls: [
          { id: "functions.f:0", type: "function", function: { name: "f", arguments: '{"b":1,"a":2}' } },
          { id: "c2", type: "custom", custom: { name: "c", input: "free" } },
        ],
      },
      { role: "tool", tool_call_id: "functions.f:0", content: "1" },
      {
        role: "tool",
        tool_call_id: "c2",
        content: [
          { type: "text", text: "x" },
          { type: "text", text: "y" },
        ],
      },
      { role: "system", content: "later" },
      { role: "assistant", content: null, refusal: "no" },
      { role: "user", content: "b" },
    ],
    tools: [
      { type: "function", function: { name: "f", description: "d", parameters: { z: 1, a: 2 }, strict: true } },
      { type: "custom", custom: { name: "c", format: { type: "text" } } },
    ],
    tool_choice: {
      type: "allowed_tools",
      allowed_tools: { mode: "auto", tools: [{ type: "custom", custom: { name: "c" } }] },
    },
    parallel_tool_calls: false,
    temperature: 1,
    top_k: 4,
    stop: ["x"],
    logit_bias: { "1": 2 },
    max_tokens: 9,
    response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "object" }, strict: true } },
    reasoning_effort: "low",
    verbosity: "high",
    prompt_cache_key: "k",
    user: "u",
    metadata: { a: "b" },
    store: true,
    brand_new: { deep: [1] },
    stream: true,
    stream_options: { include_obfuscation: false },
  };
  const { body: out, losses } = written(readRequest({ ...body, plugins: [{ id: "web" }] }, {}));
  assert.deepEqual(out, {
    ...body,
    model: "sent",
    stream_options: { include_obfuscation: false, include_usage: true },
  });
  assert.deepEqual(losses.list, []);
});

test("same request, same bytes", () => {
  const once = () =>
    JSON.stringify(written(request({ system: [text("a")], messages: [], sampling: { seed: 1 } })).body);
  assert.equal(once(), once());
});

test("developer role only where the server takes it; system parts in one string unless a mark stands between them", () => {
  const change = { system: [text("a"), text("b")], messages: [{ role: "system" as const, parts: [text("c")] }] };
  assert.deepEqual(messagesOf(change), [
    { role: "system", content: "a\n\nb" },
    { role: "system", content: "c" },
  ]);
  const marked = request({ system: [{ type: "text", text: "a", cache: { ttl: "1h" } }, text("b")] });
  assert.deepEqual(written(marked, { developerRole: true }).body["messages"], [
    {
      role: "developer",
      content: [
        { type: "text", text: "a", prompt_cache_breakpoint: { mode: "explicit", ttl: "12h" } },
        { type: "text", text: "b" },
      ],
    },
  ]);
  const { body, losses } = written(marked);
  assert.deepEqual(body["messages"], [{ role: "system", content: "a\n\nb" }]);
  assert.deepEqual(
    losses.list.map((loss) => loss.class),
    ["silent"],
  );
});

test("prompt cache never hit because of a changing billing block: it is left out", () => {
  assert.deepEqual(messagesOf({ system: [text("x-anthropic-billing-header: cch=1"), text("a")] }), [
    { role: "system", content: "a" },
  ]);
});

test("images in tool results follow in a user message after the last result, none is turned into text", () => {
  const image: Part = { type: "image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" } };
  const result = (callId: string, parts: Part[], isError = false): Part => ({
    type: "tool-result",
    callId,
    parts,
    isError,
  });
  const parts = [
    result("a", [image]),
    result("b", [text("boom")], true),
    result("c", [text("Error: x")], true),
    result("d", [], true),
  ];
  const call = (id: string): Part => ({ type: "tool-call", id, name: "f", arguments: "", kind: "function" });
  const asking = { role: "assistant" as const, parts: ["a", "b", "c", "d"].map(call) };
  const messages = messagesOf({ messages: [asking, { role: "tool", parts }] });
  assert.deepEqual(Array.isArray(messages) ? messages.slice(1) : messages, [
    { role: "tool", tool_call_id: "a", content: "(see the next user message)" },
    { role: "tool", tool_call_id: "b", content: "Error: boom" },
    { role: "tool", tool_call_id: "c", content: "Error: x" },
    { role: "tool", tool_call_id: "d", content: "Error: (no message)" },
    {
      role: "user",
      content: [
        { type: "text", text: "Attached to the result of a:" },
        { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
      ],
    },
  ]);
});

test("a turn that was interrupted: each call gets a result, a result without its call is what the user says", () => {
  const parts: Part[] = [{ type: "tool-call", id: "a", name: "f", arguments: "{}", kind: "function" }];
  const orphan: Part = { type: "tool-result", callId: "z", parts: [text("old")], isError: false };
  const change: Partial<ChatRequest> = {
    messages: [
      { role: "tool", parts: [orphan] },
      { role: "assistant", parts },
      { role: "user", parts: [text("go on")] },
    ],
  };
  assert.deepEqual(messagesOf(change), [
    { role: "user", content: "old" },
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
    },
    { role: "tool", tool_call_id: "a", content: "(no result)" },
    { role: "user", content: "go on" },
  ]);
  assert.equal(lossesOf(change).length, 2);
  const own = { ...request(change), dialect: "openai" as const };
  assert.equal([written(own).body["messages"]].flat().length, 3, "a Chat client's own server is left what it was sent");
});

test("documents: data as a file, text as text, a URL or a foreign file id refused", () => {
  const document = (source: Extract<Part, { type: "document" }>["source"]): Part => ({
    type: "document",
    source,
    title: "T",
  });
  const content = (part: Part) => {
    const [message] = [written(userSays(text("q"), part)).body["messages"]].flat();
    return typeof message === "object" && message && "content" in message ? [message["content"]].flat()[1] : undefined;
  };
  assert.deepEqual(content(document({ kind: "base64", mediaType: "application/pdf", data: "JVBE" })), {
    type: "file",
    file: { filename: "T", file_data: "data:application/pdf;base64,JVBE" },
  });
  assert.deepEqual(content(document({ kind: "text", text: "body" })), { type: "text", text: "T\n\nbody" });
  const foreign = [
    document({ kind: "url", url: "https://x.example" }),
    document({ kind: "file", dialect: "anthropic", id: "f" }),
  ];
  for (const part of foreign) {
    assert.deepEqual(
      written(userSays(part)).losses.list.map((loss) => `${loss.field} ${loss.class}`),
      ["messages[0].content[0] reject"],
    );
  }
});

test("long ids and names: call and result agree, and the name can be restored", () => {
  const id = "i".repeat(80);
  const name = "mcp.server/".repeat(10);
  const change = request({
    messages: [
      { role: "assistant", parts: [{ type: "tool-call", id, name, arguments: "", kind: "function" }] },
      { role: "tool", parts: [{ type: "tool-result", callId: id, parts: [], isError: false }] },
    ],
    tools: [{ kind: "function", name }],
    toolChoice: { mode: "tool", name },
  });
  const sent = JSON.stringify(written(change).body);
  assert.equal(sent.split(`"name":"${name}"`).length - 1, 3);
  assert.equal(sent.match(/"(?:tool_call_)?id":"i{55}_[0-9a-f]{8}"/g)?.length, 2);
  assert.ok(sent.includes('"arguments":"{}"'));
});

test("reasoning_content is replayed where the server wants it (DeepSeek), state of other dialects stays behind", () => {
  const state = { dialect: "anthropic", kind: "signature", value: "s" } as const;
  const replay = request({
    messages: [{ role: "assistant", parts: [{ type: "reasoning", text: "r", state }, text("x")] }],
  });
  assert.deepEqual(written(replay, { replayReasoning: true }).body["messages"], [
    { role: "assistant", content: "x", reasoning_content: "r" },
  ]);
  const { body, losses } = written(replay);
  assert.deepEqual(body["messages"], [{ role: "assistant", content: "x" }]);
  assert.deepEqual(
    losses.list.map((loss) => `${loss.field} ${loss.class}`),
    ["messages[0].reasoning report", "messages[0].reasoning silent"],
  );
});

test("reasoning details of a Chat server go back to it as they came", () => {
  const detail = { type: "reasoning.text", text: "t", signature: "s", format: "anthropic-claude-v1", index: 0 };
  const message: Json = { role: "assistant", content: "x", reasoning_content: "t", reasoning_details: [detail] };
  assert.deepEqual(written(readRequest({ model: "m", messages: [message] }, {})).body["messages"], [message]);
});

test("fields Chat lacks are losses; fields only OpenAI has are not sent to others", () => {
  assert.deepEqual(lossesOf({ sampling: { topK: 1, minP: 1, repeatPenalty: 1 } }), [
    "top_k dropped report",
    "min_p dropped report",
    "repeat_penalty dropped report",
  ]);
  assert.deepEqual(lossesOf({ verbosity: "low", cache: { key: "k", automatic: {} } }), [
    "verbosity dropped report",
    "prompt_cache_key dropped silent",
    "cache_control dropped silent",
  ]);
  assert.deepEqual(lossesOf({ extra: { thread: {}, brand_new: 1 } }), [
    "thread dropped reject",
    "brand_new dropped report",
  ]);
  assert.deepEqual(lossesOf({ reasoning: { budgetTokens: 4000 } }), [
    "reasoning_budget approximated(4000->medium) report",
  ]);
});

test("hosted tools are dropped beside others and refused alone; no choice is sent without tools", () => {
  const hosted = { kind: "hosted", dialect: "anthropic", type: "web_search_20250305", value: {} } as const;
  const { body, losses } = written(request({ tools: [hosted, { kind: "function", name: "f" }] }));
  assert.deepEqual(body["tools"], [{ type: "function", function: { name: "f" } }]);
  assert.deepEqual(losses.list, [{ field: "tools[0]", treatment: "dropped", class: "report" }]);
  const alone = written(request({ tools: [hosted], toolChoice: { mode: "auto" }, parallelToolCalls: true }));
  assert.equal(alone.losses.list.at(-1)?.class, "reject");
  assert.deepEqual(Object.keys(alone.body), ["model", "messages"]);
});

test("quirks: the limit's name, four stop sequences at OpenAI; a long user id is hashed", () => {
  const change = request({
    maxOutputTokens: 5,
    sampling: { stop: ["1", "2", "3", "4", "5"] },
    identity: { user: "u".repeat(150) },
  });
  const { body } = written(change, { maxTokensField: "max_completion_tokens", developerRole: true });
  assert.equal(body["max_completion_tokens"], 5);
  assert.deepEqual(body["stop"], ["1", "2", "3", "4"]);
  assert.match(`${body["user"]}`, /^[0-9a-f]{64}$/);
  assert.equal(written(change).body["max_tokens"], 5);
});

test("effort goes to models that reason and to those nobody knows; switching off only to those that can", () => {
  const sent = (reasoning: Reasoning, capabilities?: string[]) => {
    const info = { id: "x", ...(capabilities && { capabilities: new Set(capabilities) }) };
    const { body, losses } = written(request({ reasoning }), {}, info);
    return [body["reasoning_effort"], losses.list.length];
  };
  assert.deepEqual(sent({ effort: "high" }), ["high", 0]);
  assert.deepEqual(sent({ effort: "high" }, ["tools"]), [undefined, 1]);
  assert.deepEqual(sent({ effort: "high" }, ["thinking"]), ["high", 0]);
  assert.deepEqual(sent({ mode: "off" }, ["thinking"]), ["none", 0]);
  assert.deepEqual(sent({ mode: "off" }, ["tools"]), [undefined, 0]);
  assert.deepEqual(sent({ mode: "off" }), [undefined, 1]);
  assert.deepEqual(sent({ mode: "adaptive" }), [undefined, 0]);
});

test("an assistant turn with nothing left is an empty string; several texts are one", () => {
  const assistant = (...parts: Part[]) => messagesOf({ messages: [{ role: "assistant", parts }] });
  assert.deepEqual(assistant(), [{ role: "assistant", content: "" }]);
  assert.deepEqual(assistant(text("a"), text("b")), [{ role: "assistant", content: "ab" }]);
});

test("round trip: parts written for a Chat server are read back", () => {
  const words = fc.string({ unit: "grapheme", minLength: 1, maxLength: 10 });
  const part: fc.Arbitrary<Part> = fc.oneof(
    words.map(text),
    words.map(
      (url): Part => ({
        type: "image",
        source: { kind: "url", url: `https://${encodeURIComponent(url)}` },
        detail: "low",
      }),
    ),
    words.map((): Part => ({ type: "audio", data: "AAAA", format: "mp3" })),
  );
  fc.assert(
    fc.property(fc.array(fc.array(part, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }), (turns) => {
      const messages = turns.map((parts) => ({ role: "user" as const, parts }));
      const { body } = written(request({ messages }));
      assert.deepEqual(readRequest(JSON.parse(JSON.stringify(body)), {}).messages, messages);
    }),
  );
});
