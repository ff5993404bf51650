import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../../core/json.ts";
import { type LossClass, Losses } from "../../../core/loss.ts";
import type { ModelInfo } from "../../../core/model.ts";
import type { Part } from "../../../core/part.ts";
import { type ChatRequest, emptyRequest, type Tool, type ToolChoice } from "../../../core/request.ts";
import { ollamaClient } from "../client.ts";
import { ollamaProvider } from "../provider.ts";
import { OLLAMA_SUPPORT } from "../support.ts";

function write(changes: Partial<ChatRequest>, info?: ModelInfo): { body: JsonObject; losses: [string, LossClass][] } {
  const losses = new Losses(OLLAMA_SUPPORT);
  const request = { ...emptyRequest("openai", "asked"), ...changes };
  const body = ollamaProvider.writeRequest(request, { model: "m", info, quirks: {} }, losses);
  return { body, losses: losses.list.map((loss) => [loss.field, loss.class]) };
}

function able(...capabilities: string[]): ModelInfo {
  return { id: "m", capabilities: new Set(capabilities) };
}

const user = (...parts: Part[]) => ({ messages: [{ role: "user" as const, parts }] });
const text = (content: string): Part => ({ type: "text", text: content });
const look: Tool = { kind: "function", name: "look", parameters: { type: "object", properties: { z: {}, a: {} } } };
const walk: Tool = { kind: "function", name: "walk" };

test("a request of Ollama's own, read and written again, is the same", () => {
  const body: JsonObject = {
    model: "m",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hi", images: ["iVBORw0KGgoAAAA="] },
      {
        role: "assistant",
        content: "So:",
        thinking: "Hm.",
        tool_calls: [{ id: "c1", function: { index: 0, name: "look", arguments: { z: 1, a: 2 } } }],
      },
      { role: "tool", content: "seen", tool_name: "look", tool_call_id: "c1" },
      { role: "system", content: "Later." },
    ],
    tools: [{ type: "function", function: { name: "look", description: "Looks", parameters: { type: "object" } } }],
    format: { type: "object" },
    think: "deepest",
    stream: false,
    logprobs: true,
    top_logprobs: 2,
    keep_alive: -1,
    unheard_of: { of: "field" },
    options: { temperature: 0.1, stop: ["x"], num_predict: 5, num_ctx: 4096 },
  };
  const losses = new Losses(OLLAMA_SUPPORT);
  const request = ollamaClient.readRequest(body, {});
  const written = ollamaProvider.writeRequest(request, { model: "m", quirks: {} }, losses);
  assert.deepEqual(written, body);
  assert.deepEqual(
    losses.list.map(({ field }) => field),
    ["json_schema"],
    "only the word about a format beside tools",
  );
});

test("the same request gives the same bytes, in the same order", () => {
  const request = { ...user(text("a")), tools: [look, walk], maxOutputTokens: 3, sampling: { seed: 1, topK: 2 } };
  assert.equal(JSON.stringify(write(request).body), JSON.stringify(write(request).body));
  assert.equal(
    JSON.stringify(write(request).body),
    '{"model":"m","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"look",' +
      '"parameters":{"type":"object","properties":{"z":{},"a":{}}}}},{"type":"function","function":{"name":"walk",' +
      '"parameters":{"type":"object","properties":{}}}}],"stream":false,"truncate":false,"shift":false,"options":{"top_k":2,"seed":1,"num_predict":3}}',
  );
});

test("system blocks are joined by a blank line, Claude Code's attribution left out", () => {
  const { body, losses } = write({
    system: [
      text("x-anthropic-billing-header: cc_version=2"),
      text("You are."),
      { type: "text", text: "Rules.", cache: {} },
    ],
  });
  assert.deepEqual(body["messages"], [{ role: "system", content: "You are.\n\nRules." }]);
  assert.deepEqual(losses, [["system[1].cache_control", "silent"]]);
});

test("texts of a user are joined by a blank line, those of an assistant are one text", () => {
  const { body } = write({
    messages: [
      { role: "user", parts: [text("a"), text(""), text("b")] },
      { role: "assistant", parts: [text("c"), text("d"), { type: "refusal", text: "e" }] },
      { role: "assistant", parts: [] },
    ],
  });
  assert.deepEqual(body["messages"], [
    { role: "user", content: "a\n\nb" },
    { role: "assistant", content: "cde" },
    { role: "assistant", content: "" },
  ]);
});

test("reasoning goes back as thinking, whoever signed it; an empty one does not", () => {
  const state = { dialect: "anthropic", kind: "signature", value: "s" } as const;
  const { body, losses } = write({
    messages: [
      { role: "assistant", parts: [{ type: "reasoning", text: "Hm.", state }, text("a")] },
      { role: "assistant", parts: [{ type: "reasoning", text: "", state }, text("b")] },
    ],
  });
  assert.deepEqual(body["messages"], [
    { role: "assistant", content: "a", thinking: "Hm." },
    { role: "assistant", content: "b" },
  ]);
  assert.deepEqual(new Set(losses.map(([, kind]) => kind)), new Set(["silent"]));
});

test("calls have object arguments, key order kept (ollama/ollama ac83ac20)", () => {
  const call = (id: string, args: string): Part => ({
    type: "tool-call",
    id,
    name: "t",
    arguments: args,
    kind: "function",
  });
  const { body } = write({
    messages: [
      {
        role: "assistant",
        parts: [call("a", '{"z":1,"a":2}'), call("b", ""), call("c", '{"x": "cut'), call("", "no")],
      },
    ],
  });
  assert.equal(
    JSON.stringify(body["messages"]),
    '[{"role":"assistant","content":"","tool_calls":[{"id":"a","function":{"index":0,"name":"t","arguments":{"z":1,"a":2}}},' +
      '{"id":"b","function":{"index":1,"name":"t","arguments":{}}},{"id":"c","function":{"index":2,"name":"t","arguments":{"x":"cut"}}},' +
      '{"function":{"index":3,"name":"t","arguments":{"_raw":"no"}}}]}]',
  );
});

test("results have id and name, the name found from the call (ollama/ollama#12956)", () => {
  const result = (callId: string, parts: Part[], isError = false): Part => ({
    type: "tool-result",
    callId,
    parts,
    isError,
  });
  const image: Part = { type: "image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" } };
  const { body } = write({
    messages: [
      {
        role: "assistant",
        parts: [
          { type: "tool-call", id: "a", name: "look", arguments: "{}", kind: "function" },
          { type: "tool-call", id: "b", name: "look", arguments: "{}", kind: "function" },
        ],
      },
      { role: "tool", parts: [result("b", [text("of b"), image]), result("a", [text("no such file")], true)] },
      { role: "tool", parts: [result("lost", [text("Error: already said")], true)] },
    ],
  });
  const [, ...results] = Array.isArray(body["messages"]) ? body["messages"] : [];
  assert.deepEqual(results, [
    { role: "tool", content: "of b", images: ["AAAA"], tool_name: "look", tool_call_id: "b" },
    { role: "tool", content: "Error: no such file", tool_name: "look", tool_call_id: "a" },
    { role: "tool", content: "Error: already said", tool_call_id: "lost" },
  ]);
});

test("an image in a tool result travels as an image, never as text (MTPLX#441, looplj/axonhub#742)", () => {
  const data = "iVBORw0KGgo".repeat(20_000);
  const image: Part = { type: "image", source: { kind: "base64", mediaType: "image/png", data } };
  const { body } = write(user({ type: "tool-result", callId: "a", name: "shoot", parts: [image], isError: false }));
  assert.deepEqual(body["messages"], [
    { role: "tool", content: "", images: [data], tool_name: "shoot", tool_call_id: "a" },
  ]);
});

test("results inside a user turn come before what the user says", () => {
  const { body } = write(user(text("and?"), { type: "tool-result", callId: "a", parts: [text("r")], isError: false }));
  assert.deepEqual(body["messages"], [
    { role: "tool", content: "r", tool_call_id: "a" },
    { role: "user", content: "and?" },
  ]);
});

test("text documents become text, what must be converted first is refused", () => {
  const data = Buffer.from("Grüße").toString("base64");
  const { body, losses } = write(
    user(
      { type: "document", title: "Notes", context: "of May", source: { kind: "text", text: "a" } },
      { type: "document", source: { kind: "base64", mediaType: "text/plain", data } },
      { type: "document", source: { kind: "base64", mediaType: "application/pdf", data: "JVBERi0" } },
      { type: "document", source: { kind: "url", url: "https://a/b.pdf" } },
      { type: "document", source: { kind: "file", dialect: "openai", id: "file-1" } },
    ),
  );
  assert.deepEqual(body["messages"], [{ role: "user", content: "Notes\nof May\na\n\nGrüße" }]);
  assert.deepEqual(losses, [
    ["messages[0].content[2]", "reject"],
    ["messages[0].content[3]", "reject"],
    ["messages[0].content[4]", "reject"],
  ]);
});

test("images by URL or file are refused, sounds are sent to models that hear", () => {
  const sound: Part = { type: "audio", data: "UklGRg==", format: "wav" };
  const { losses } = write(
    user(
      { type: "image", source: { kind: "url", url: "https://a/b.png" }, detail: "high" },
      { type: "image", source: { kind: "file", dialect: "openai", id: "f" } },
      sound,
      { type: "opaque", dialect: "anthropic", what: "search_result", value: {} },
    ),
  );
  assert.deepEqual(losses, [
    ["messages[0].content[0].detail", "silent"],
    ["messages[0].content[0]", "reject"],
    ["messages[0].content[1]", "reject"],
    ["messages[0].content[2]", "reject"],
    ["messages[0].content[3](search_result)", "report"],
  ]);
  const heard = write(user(sound), able("completion", "audio"));
  assert.deepEqual(heard.body["messages"], [{ role: "user", content: "", images: ["UklGRg=="] }]);
  assert.deepEqual(heard.losses, []);
});

test("tool choice is said by the tools left out, or reported", () => {
  const chosen = (toolChoice: ToolChoice) => {
    const { body, losses } = write({ tools: [look, walk], toolChoice });
    const tools = Array.isArray(body["tools"]) ? body["tools"].length : 0;
    return [tools, losses];
  };
  assert.deepEqual(chosen({ mode: "auto" }), [2, []]);
  assert.deepEqual(chosen({ mode: "none" }), [0, []]);
  assert.deepEqual(chosen({ mode: "required" }), [2, [["tool_choice", "report"]]]);
  assert.deepEqual(chosen({ mode: "tool", name: "walk" }), [1, [["tool_choice", "report"]]]);
  assert.deepEqual(chosen({ mode: "allowed", names: ["look"], required: false }), [1, []]);
  assert.deepEqual(chosen({ mode: "allowed", names: ["look"], required: true }), [1, [["tool_choice", "report"]]]);
});

test("a free-form tool becomes a function of one text (router-for-me/CLIProxyAPI#5753)", () => {
  const { body, losses } = write({
    tools: [
      {
        kind: "custom",
        name: "apply_patch",
        description: "Patches",
        format: { type: "grammar", syntax: "lark", definition: "start: /x/" },
      },
    ],
    messages: [
      {
        role: "assistant",
        parts: [{ type: "tool-call", id: "a", name: "apply_patch", arguments: "*** Begin", kind: "custom" }],
      },
    ],
  });
  assert.deepEqual(body["tools"], [
    {
      type: "function",
      function: {
        name: "apply_patch",
        description: "Patches\n\nThe input must follow this lark grammar:\nstart: /x/",
        parameters: { type: "object", properties: { input: { type: "string" } }, required: ["input"] },
      },
    },
  ]);
  assert.match(JSON.stringify(body["messages"]), /"arguments":\{"input":"\*\*\* Begin"\}/);
  assert.deepEqual(losses, []);
});

test("tools nobody here can run are dropped beside others and refused alone, strictness is passed over, unknown keys are told", () => {
  const { losses } = write({
    tools: [
      { kind: "hosted", dialect: "anthropic", type: "web_search_20250305", value: {} },
      { ...look, strict: true, cache: {}, extra: { defer_loading: true } },
    ],
    parallelToolCalls: false,
  });
  assert.deepEqual(losses, [
    ["parallel_tool_calls", "report"],
    ["tools[0](web_search_20250305)", "report"],
    ["tools[1].strict", "silent"],
    ["tools[1].cache_control", "silent"],
    ["tools[1].defer_loading", "report"],
  ]);
  const alone = write({ tools: [{ kind: "hosted", dialect: "anthropic", type: "web_search_20250305", value: {} }] });
  assert.deepEqual(alone.losses.at(-1), ["tools", "reject"]);
});

test("effort to think", () => {
  const think = (reasoning: ChatRequest["reasoning"], info?: ModelInfo) => {
    const { body, losses } = write(reasoning ? { reasoning } : {}, info);
    return [body["think"], losses.map(([field]) => field)];
  };
  assert.deepEqual(think(undefined), [undefined, []]);
  assert.deepEqual(think({ effort: "none" }), [false, []]);
  assert.deepEqual(think({ effort: "minimal" }), ["low", ["reasoning_effort"]]);
  assert.deepEqual(think({ effort: "medium" }), ["medium", []]);
  assert.deepEqual(think({ effort: "xhigh" }), ["max", ["reasoning_effort"]]);
  assert.deepEqual(think({ mode: "off" }), [false, []]);
  assert.deepEqual(think({ mode: "on" }), [true, []]);
  assert.deepEqual(think({ mode: "adaptive" }), [undefined, []]);
  assert.deepEqual(think({ budgetTokens: 1024 }), ["low", ["reasoning_budget"]]);
  assert.deepEqual(think({ budgetTokens: 32_000, mode: "on" }), ["max", ["reasoning_budget"]]);
  assert.deepEqual(think({ effort: "high" }, able("thinking")), ["high", []]);
});

test("a model that cannot think is never asked to: Ollama would answer 400", () => {
  const mute = able("completion", "tools");
  assert.deepEqual(write({ reasoning: { effort: "high" } }, mute).losses, [["reasoning_effort", "report"]]);
  for (const reasoning of [
    { effort: "high" },
    { mode: "on" },
    { mode: "off" },
    { effort: "none" },
    { mode: "adaptive" },
  ] as const)
    assert.equal("think" in write({ reasoning }, mute).body, false);
  assert.deepEqual(write({ reasoning: { mode: "off" } }, mute).losses, []);
  const own = ollamaClient.readRequest({ model: "m", think: "deepest" }, {});
  assert.equal("think" in write(own, mute).body, false);
});

test("what has no place is dropped and told; what does not matter is silent", () => {
  const { losses } = write({
    messages: [{ role: "user", name: "ann", parts: [text("a")], extra: { weight: 1 } }],
    sampling: { n: 2, logitBias: { "1": 2 } },
    verbosity: "low",
    cache: { key: "k", automatic: {} },
    identity: { user: "u", metadata: { a: "b" } },
    extra: { store: true, prediction: {} },
  });
  assert.deepEqual(losses, [
    ["messages[0].name", "report"],
    ["messages[0].weight", "report"],
    ["n", "reject"],
    ["logit_bias", "report"],
    ["store", "silent"],
    ["prediction", "report"],
    ["verbosity", "report"],
    ["cache_key", "silent"],
    ["cache_control", "silent"],
    ["user", "silent"],
    ["metadata", "silent"],
  ]);
});

test("plugins are never sent on", () => {
  const request = ollamaClient.readRequest({ model: "m", plugins: [{ id: "web" }] }, {});
  assert.doesNotMatch(JSON.stringify(write(request).body), /plugins|web/);
});

test("a model that says which degrees of thinking it knows gets the nearest of them", () => {
  const think = (reasoning: ChatRequest["reasoning"], ...values: (string | boolean)[]) => {
    const { body, losses } = write({ reasoning: reasoning ?? {} }, { ...able("thinking"), thinking: { values } });
    return [body["think"], losses.map(([field]) => field)];
  };
  const levels = ["low", "medium", "high"];
  assert.deepEqual(think({ effort: "high" }, ...levels), ["high", []]);
  assert.deepEqual(think({ effort: "max" }, ...levels), ["high", ["reasoning_effort"]]);
  assert.deepEqual(think({ effort: "minimal" }, ...levels), ["low", ["reasoning_effort"]]);
  assert.deepEqual(think({ effort: "none" }, ...levels), ["low", ["reasoning_effort"]]);
  assert.deepEqual(think({ mode: "on" }, ...levels), [undefined, []]);
  assert.deepEqual(think({ mode: "adaptive" }, ...levels), [undefined, []]);
  assert.deepEqual(think({ budgetTokens: 5000, mode: "on" }, ...levels), ["medium", ["reasoning_budget"]]);
  assert.deepEqual(think({ effort: "low" }, true, false), [true, ["reasoning_effort"]]);
  assert.deepEqual(think({ mode: "off" }, true, false), [false, []]);
});

test("a prompt that needs more than Ollama's smallest window gets a window, within the model's; nothing is cut off unsaid", () => {
  const options = (words: number, changes: Partial<ChatRequest> = {}, info?: ModelInfo) =>
    write({ ...user(text("word ".repeat(words))), ...changes }, info).body["options"];
  assert.equal(options(100), undefined);
  assert.deepEqual(options(8_000), { num_ctx: 32_768 });
  assert.deepEqual(options(40_000), { num_ctx: 65_536 });
  assert.deepEqual(options(40_000, {}, { id: "m", contextLength: 40_960 }), { num_ctx: 40_960 });
  // An answer may be as long as the client says, but a window for 128,000 tokens of it would only cost memory.
  assert.deepEqual(options(100, { maxOutputTokens: 128_000 }), { num_predict: 128_000, num_ctx: 32_768 });
  const { body } = write(user(text("a")));
  assert.deepEqual([body["truncate"], body["shift"]], [false, false]);
  const own = write({ ...user(text("word ".repeat(8_000))), dialect: "ollama" }).body;
  assert.deepEqual([own["truncate"], own["options"]], [undefined, undefined], "Ollama's own clients set their own");
});

test("log probabilities are asked for as other APIs ask", () => {
  const { body, losses } = write({ ...user(text("a")), sampling: { logprobs: true, topLogprobs: 2 } });
  assert.deepEqual([body["logprobs"], losses], [true, []]);
});

test("a tool of Ollama's own client keeps its own keys, those of others are told", () => {
  const tool: Tool = { kind: "function", name: "f", extra: { strict_ish: true } };
  const own = write({ ...user(text("a")), tools: [tool], dialect: "ollama" });
  assert.match(JSON.stringify(own.body["tools"]), /"strict_ish":true/);
  assert.deepEqual(own.losses, []);
  assert.deepEqual(write({ ...user(text("a")), tools: [tool] }).losses, [["tools[0].strict_ish", "report"]]);
});
