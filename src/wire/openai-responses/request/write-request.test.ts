import assert from "node:assert/strict";
import { test } from "node:test";
import { isObject, type JsonObject, objectsOf } from "../../../core/json.ts";
import { type Loss, Losses } from "../../../core/loss.ts";
import type { Part } from "../../../core/part.ts";
import { type ChatRequest, emptyRequest, type Message } from "../../../core/request.ts";
import type { TargetInfo } from "../../format.ts";
import { responsesProvider } from "../provider.ts";

interface Written {
  body: JsonObject;
  input: JsonObject[];
  losses: Loss[];
}

function write(changes: Partial<ChatRequest>, target: Partial<TargetInfo> = {}): Written {
  const losses = new Losses(responsesProvider.support);
  const request = { ...emptyRequest("anthropic", "asked"), ...changes };
  const body = responsesProvider.writeRequest(request, { model: "sent", quirks: {}, ...target }, losses);
  return { body, input: objectsOf(body["input"]), losses: losses.list };
}

function told(losses: Loss[]): string[] {
  return losses.map((loss) => `${loss.class} ${loss.field} ${loss.treatment}`);
}

const user: Message = { role: "user", parts: [{ type: "text", text: "hi" }] };
const text = (value: string): Part => ({ type: "text", text: value });

test("a plain request of another API, whole", () => {
  const { body, losses } = write({
    system: [text("one"), text("two")],
    messages: [user],
    stream: true,
    maxOutputTokens: 50,
  });
  assert.deepEqual(body, {
    model: "sent",
    instructions: "one\n\ntwo",
    input: [{ type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] }],
    max_output_tokens: 50,
    stream: true,
    store: false,
  });
  assert.deepEqual(losses, []);
});

test("the same request gives the same bytes", () => {
  const request = { messages: [user], tools: [{ kind: "function" as const, name: "f" }] };
  assert.equal(JSON.stringify(write(request).body), JSON.stringify(write(request).body));
});

test("cache marks become breakpoints, in a developer item; the attribution block is left out (claude-code-router#1688)", () => {
  const { body, input } = write({
    system: [
      text("x-anthropic-billing-header: a"),
      { type: "text", text: "s", cache: { ttl: "1h" } },
      { type: "text", text: "t", cache: { ttl: "12h" } },
    ],
    messages: [user],
  });
  assert.equal(body["instructions"], undefined);
  assert.deepEqual(input[0], {
    type: "message",
    role: "developer",
    content: [
      { type: "input_text", text: "s", prompt_cache_breakpoint: { mode: "explicit", ttl: "12h" } },
      { type: "input_text", text: "t", prompt_cache_breakpoint: { mode: "explicit", ttl: "12h" } },
    ],
  });
});

test("tools are flat, and strict only when the client was", () => {
  const { body, losses } = write({
    messages: [user],
    tools: [
      {
        kind: "function",
        name: "f",
        description: "d",
        parameters: { type: "object", properties: { z: {}, a: {} } },
        extra: { defer_loading: true },
      },
      { kind: "function", name: "g", strict: true, cache: {} },
      { kind: "custom", name: "c", format: { type: "text" } },
      {
        kind: "hosted",
        dialect: "anthropic",
        type: "web_search_20250305",
        twin: "web_search",
        value: { max_uses: 8, allowed_domains: ["a.test"] },
      },
      { kind: "hosted", dialect: "anthropic", type: "bash_20250124", value: {} },
    ],
    toolChoice: { mode: "tool", name: "c" },
    parallelToolCalls: false,
  });
  assert.deepEqual(body["tools"], [
    {
      type: "function",
      name: "f",
      description: "d",
      parameters: { type: "object", properties: { z: {}, a: {} } },
      strict: false,
    },
    { type: "function", name: "g", parameters: { type: "object", properties: {} }, strict: true },
    { type: "custom", name: "c", format: { type: "text" } },
    { type: "web_search", filters: { allowed_domains: ["a.test"] } },
  ]);
  assert.deepEqual(body["tool_choice"], { type: "custom", name: "c" });
  assert.equal(body["parallel_tool_calls"], false);
  assert.deepEqual(told(losses), [
    "silent tools[0].defer_loading dropped",
    "silent tools[1].cache_control dropped",
    "report tools[3].max_uses dropped",
    "report tools[4] dropped",
  ]);
});

test("calls and results: images natively, errors marked, long ids cut alike, customs as customs", () => {
  const id = `toolu_${"x".repeat(80)}`;
  const { input, losses } = write({
    messages: [
      user,
      {
        role: "assistant",
        parts: [
          text("Let me see."),
          { type: "tool-call", id, name: "f", arguments: "", kind: "function" },
          { type: "tool-call", id: "k", name: "p", arguments: "raw", kind: "custom" },
        ],
      },
      {
        role: "tool",
        parts: [
          { type: "tool-result", callId: id, parts: [text("broke")], isError: true },
          {
            type: "tool-result",
            callId: "k",
            parts: [text("see"), { type: "image", source: { kind: "base64", mediaType: "image/png", data: "iVBO" } }],
            isError: false,
          },
        ],
      },
    ],
  });
  const [, said, call, custom, failed, seen] = input;
  assert.deepEqual(said, {
    type: "message",
    role: "assistant",
    content: [{ type: "output_text", text: "Let me see.", annotations: [] }],
  });
  assert.equal(String(call?.["call_id"]).length, 64);
  assert.equal(call?.["arguments"], "{}");
  assert.deepEqual(custom, { type: "custom_tool_call", call_id: "k", name: "p", input: "raw" });
  assert.deepEqual(failed, {
    type: "function_call_output",
    call_id: call?.["call_id"],
    output: "Error: broke",
    status: "incomplete",
  });
  assert.deepEqual(seen, {
    type: "custom_tool_call_output",
    call_id: "k",
    output: [
      { type: "input_text", text: "see" },
      { type: "input_image", detail: "auto", image_url: "data:image/png;base64,iVBO" },
    ],
  });
  assert.deepEqual(losses, []);
});

test("BerriAI/litellm#22651, #38809: own encrypted reasoning goes back untouched, foreign reasoning never", () => {
  const { body, input, losses } = write({
    messages: [
      {
        role: "assistant",
        parts: [
          {
            type: "reasoning",
            text: "s",
            summary: true,
            id: "rs_1",
            state: { dialect: "openai-responses", kind: "encrypted", value: "ENC" },
          },
          { type: "reasoning", text: "t", state: { dialect: "anthropic", kind: "signature", value: "SIG" } },
          { type: "reasoning", text: "bare" },
          text("x"),
        ],
      },
    ],
  });
  assert.deepEqual(input[0], {
    type: "reasoning",
    summary: [{ type: "summary_text", text: "s" }],
    encrypted_content: "ENC",
  });
  assert.equal(input.length, 2);
  assert.deepEqual(body["include"], ["reasoning.encrypted_content"]);
  assert.deepEqual(told(losses), ["report messages[0].content[1] dropped", "report messages[0].content[2] dropped"]);
});

test("reasoning: efforts, budgets by step, what the client wants to see, and models without it", () => {
  const reasoning = (asked: ChatRequest["reasoning"], capabilities?: string[]) =>
    write(
      { messages: [user], ...(asked && { reasoning: asked }) },
      capabilities ? { info: { id: "sent", capabilities: new Set(capabilities) } } : {},
    );
  assert.deepEqual(reasoning({ effort: "high" }).body["reasoning"], { effort: "high" });
  assert.deepEqual(reasoning({ mode: "off" }).body["reasoning"], { effort: "none" });
  assert.deepEqual(reasoning({ mode: "on" }).body["reasoning"], { summary: "auto" });
  assert.equal(reasoning({ mode: "adaptive", display: "omitted" }).body["reasoning"], undefined);
  const budget = reasoning({ mode: "on", budgetTokens: 10_000, display: "summarized" });
  assert.deepEqual(budget.body["reasoning"], { effort: "high", summary: "auto" });
  assert.deepEqual(told(budget.losses), ["report thinking.budget_tokens approximated(10000->high)"]);
  const plain = reasoning({ effort: "high" }, ["tools"]);
  assert.equal(plain.body["reasoning"], undefined);
  assert.deepEqual(told(plain.losses), ["report reasoning dropped"]);
});

test("a turn that was interrupted: the call gets an output; results of a client of this API stay as they are", () => {
  const parts: Part[] = [{ type: "tool-call", id: "a", name: "f", arguments: "{}", kind: "function" }];
  const { input, losses } = write({ messages: [{ role: "assistant", parts }, user] });
  assert.deepEqual(input[1], { type: "function_call_output", call_id: "a", output: "(no result)" });
  assert.equal(losses.length, 1);
  const result: Part = { type: "tool-result", callId: "stored", parts: [text("r")], isError: false };
  const own = write({ dialect: "openai-responses", messages: [{ role: "tool", parts: [result] }] });
  assert.deepEqual(own.input, [{ type: "function_call_output", call_id: "stored", output: "r" }]);
});

test("sampling: what there is, what is clamped, what is lost, and what says nothing", () => {
  const { body, losses } = write({
    messages: [user],
    maxOutputTokens: 1,
    sampling: {
      temperature: 3,
      topP: 0.5,
      topK: 4,
      seed: 1,
      stop: ["x"],
      frequencyPenalty: 0.1,
      presencePenalty: 0,
      n: 2,
      logprobs: true,
    },
  });
  assert.deepEqual([body["temperature"], body["top_p"], body["max_output_tokens"]], [2, 0.5, 16]);
  assert.deepEqual(told(losses), [
    "report max_output_tokens raised(1->16)",
    "report temperature clamped(3->2)",
    "report top_k dropped",
    "report frequency_penalty dropped",
    "report seed dropped",
    "report stop dropped",
    "reject n dropped",
  ]);
  assert.deepEqual(
    write({ messages: [user], sampling: { frequencyPenalty: 0, n: 1, stop: [], repeatPenalty: 1 } }).losses,
    [],
  );
});

test("output shape, verbosity, user, session and metadata", () => {
  const { body, losses } = write({
    messages: [user],
    output: { kind: "json_schema", schema: { type: "object" }, name: "my schema" },
    verbosity: "low",
    identity: { user: "u".repeat(150), session: "s1", metadata: { a: 1 } },
  });
  const { text: shape, safety_identifier: person, prompt_cache_key: key, metadata } = body;
  assert.ok(isObject(shape) && isObject(shape["format"]));
  assert.match(String(shape["format"]["name"]), /^my_schema_[0-9a-f]{8}$/);
  assert.equal(shape["format"]["strict"], false);
  assert.equal(shape["verbosity"], "low");
  assert.equal(String(person).length, 64);
  assert.match(String(key), /^[0-9a-f]{32}$/);
  assert.equal(metadata, undefined);
  assert.deepEqual(told(losses), ["silent metadata dropped"]);
});

test("fields only the client knows: shared with Chat carried, others told, own ones untouched", () => {
  const chat = write({
    dialect: "openai",
    messages: [user],
    extra: { service_tier: "flex", store: true, prediction: {}, audio: {} },
  });
  assert.deepEqual([chat.body["service_tier"], chat.body["store"]], ["flex", true]);
  assert.deepEqual(told(chat.losses), ["report prediction dropped", "reject audio dropped"]);
  const extra = {
    previous_response_id: "r",
    include: ["x"],
    reasoning: { context: "all_turns" },
    text: { future: 1 },
    brand_new: 1,
  };
  const own = write({ dialect: "openai-responses", messages: [user], extra });
  for (const [field, value] of Object.entries(extra)) assert.deepEqual(own.body[field], value);
  assert.equal(own.body["store"], undefined);
  assert.deepEqual(own.losses, []);
});

test("documents, files, audio, names, and system messages in mid-conversation", () => {
  const pdf = { kind: "base64", mediaType: "application/pdf", data: "JVBERi0x" } as const;
  const { input, losses } = write({
    messages: [
      {
        role: "user",
        name: "ann",
        parts: [
          { type: "document", source: pdf },
          { type: "document", source: { kind: "text", text: "body" }, title: "T", citations: true },
          { type: "document", source: { kind: "url", url: "https://a.test/x.pdf" } },
          { type: "image", source: { kind: "file", dialect: "anthropic", id: "f1" } },
          { type: "image", source: { kind: "file", dialect: "openai", id: "f2" }, detail: "low" },
          { type: "audio", data: "AAAA", format: "wav" },
          { type: "opaque", dialect: "anthropic", what: "search_result", value: {} },
        ],
      },
      { role: "system", parts: [text("later")] },
    ],
  });
  assert.deepEqual(input[0]?.["content"], [
    { type: "input_file", filename: "document.pdf", file_data: "data:application/pdf;base64,JVBERi0x" },
    { type: "input_text", text: "T\n\nbody" },
    { type: "input_file", file_url: "https://a.test/x.pdf" },
    { type: "input_image", detail: "low", file_id: "f2" },
    { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
  ]);
  assert.deepEqual(input[1], { type: "message", role: "developer", content: [{ type: "input_text", text: "later" }] });
  assert.deepEqual(told(losses), [
    "report messages[0].name dropped",
    "report messages[0].content[1].citations dropped",
    "reject messages[0].content[3] a file kept at another provider: send its bytes",
    "report messages[0].content[6](search_result) dropped",
  ]);
});
