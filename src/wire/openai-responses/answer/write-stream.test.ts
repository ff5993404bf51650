import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import OpenAI from "openai";
import { answerContext, anyEvents, anyResponse } from "../../../../test/support/answers.ts";
import { checkResponsesStream } from "../../../../test/support/responses-grammar.ts";
import type { BlockStart, ChatEvent } from "../../../core/event.ts";
import { asObject, asString, type JsonObject, objectsOf } from "../../../core/json.ts";
import { emptyRequest } from "../../../core/request.ts";
import { eventsOf } from "../../../core/response.ts";
import type { AnswerContext } from "../../format.ts";
import { responsesClient } from "../client.ts";

function context(body: JsonObject = {}): AnswerContext {
  return answerContext({ id: "x1", body, request: emptyRequest("openai-responses", "asked-model") });
}

function stream(events: readonly ChatEvent[], body: JsonObject = {}): string {
  const writer = responsesClient.writeStream(context(body));
  return events.map((event) => writer.write(event)).join("");
}

const started: ChatEvent = { type: "start", id: "chatcmpl-1", model: "real-model" };
const usage = { input: 9, output: 4, cachedRead: 3, cacheWrite: 2, cacheWriteLong: 0, reasoning: 1, reported: true };

function block(index: number, start: BlockStart, ...texts: string[]): ChatEvent[] {
  const type = start.type === "tool-call" ? "arguments-delta" : (`${start.type}-delta` as const);
  return [
    { type: "block-start", index, block: start },
    ...texts.map((text): ChatEvent => ({ type, index, text })),
    { type: "block-end", index },
  ];
}

function call(id: string, name: string): BlockStart {
  return { type: "tool-call", id, name, kind: "function" };
}

const finished = (reason: "stop" | "length" | "tool_calls" | "refusal"): ChatEvent[] => [
  { type: "finish", reason },
  { type: "usage", usage },
  { type: "end" },
];

/** The official client's own idea of what the stream said; it throws where the grammar is broken. */
async function official(text: string) {
  const client = new OpenAI({
    apiKey: "k",
    baseURL: "http://router.test/v1",
    maxRetries: 0,
    fetch: async () => new Response(text, { headers: { "content-type": "text/event-stream" } }),
  });
  return await client.responses.stream({ model: "m", input: "hi" }).finalResponse();
}

test("log probabilities: with each delta its own, all of them when the text is done", () => {
  const token = (text: string) => ({ token: text, logprob: -0.5, top: [] });
  const text = stream([
    started,
    { type: "block-start", index: 0, block: { type: "text" } },
    { type: "text-delta", index: 0, text: "Hel", logprobs: [token("Hel")] },
    { type: "text-delta", index: 0, text: "lo", logprobs: [token("lo")] },
    { type: "block-end", index: 0 },
    ...finished("stop"),
  ]);
  const tokens = checkResponsesStream(text)
    .events.filter(({ type }) => String(type).startsWith("response.output_text."))
    .map(({ logprobs }) => objectsOf(logprobs).map((one) => one["token"]));
  assert.deepEqual(tokens, [["Hel"], ["lo"], ["Hel", "lo"]]);
});

test("golden: every event of a plain answer, byte for byte but for the repeated response", () => {
  const text = stream([started, ...block(0, { type: "text" }, "Hel", "lo"), ...finished("stop")]);
  const events = checkResponsesStream(text).events.map(({ response, ...event }) =>
    response === undefined
      ? JSON.stringify(event)
      : `${asString(event["type"])} ${asString(asObject(response)?.["status"])}`,
  );
  const at = '"item_id":"msg_x1_0","output_index":0,"content_index":0';
  const item = '{"id":"msg_x1_0","type":"message","status":"in_progress","role":"assistant","content":[]}';
  const part = '{"type":"output_text","text":"Hello","annotations":[],"logprobs":[]}';
  assert.deepEqual(events, [
    "response.created in_progress",
    "response.in_progress in_progress",
    `{"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":${item}}`,
    `{"type":"response.content_part.added","sequence_number":3,${at},"part":${part.replace("Hello", "")}}`,
    `{"type":"response.output_text.delta","sequence_number":4,${at},"delta":"Hel","logprobs":[]}`,
    `{"type":"response.output_text.delta","sequence_number":5,${at},"delta":"lo","logprobs":[]}`,
    `{"type":"response.output_text.done","sequence_number":6,${at},"text":"Hello","logprobs":[]}`,
    `{"type":"response.content_part.done","sequence_number":7,${at},"part":${part}}`,
    `{"type":"response.output_item.done","sequence_number":8,"output_index":0,"item":${item
      .replace("in_progress", "completed")
      .replace("[]", `[${part}]`)}}`,
    "response.completed completed",
  ]);
});

test("the terminal holds the output, the usage with its details, and what the request said", () => {
  const body = { instructions: "Be brief.", temperature: 0.2, store: false, metadata: { a: "b" } };
  const { response } = checkResponsesStream(
    stream([started, ...block(0, { type: "text" }, "ok"), ...finished("stop")], body),
  );
  assert.equal(response["id"], "resp_x1");
  assert.equal(response["model"], "real-model");
  assert.equal(objectsOf(response["output"]).length, 1);
  assert.deepEqual(response["usage"], {
    input_tokens: 9,
    input_tokens_details: { cached_tokens: 3, cache_write_tokens: 2 },
    output_tokens: 4,
    output_tokens_details: { reasoning_tokens: 1 },
    total_tokens: 13,
  });
  for (const [field, value] of Object.entries(body)) assert.deepEqual(response[field], value);
});

test("the official client reads reasoning, text, refusal, citations and two kinds of calls", async () => {
  const events: ChatEvent[] = [
    started,
    ...block(0, { type: "reasoning", summary: true }, "Let me ", "think."),
    { type: "block-start", index: 1, block: { type: "text" } },
    { type: "text-delta", index: 1, text: "See here" },
    { type: "citation", index: 1, citation: { url: "http://a.test", title: "A" } },
    { type: "block-end", index: 1 },
    ...block(2, { type: "text" }, " and there."),
    ...block(3, call("call_1", "look"), '{"a":', "1}"),
    ...block(4, { type: "tool-call", id: "call_2", name: "patch", kind: "custom" }, "*** Begin"),
    ...block(5, { type: "reasoning" }, "raw"),
    ...finished("tool_calls"),
  ];
  const text = stream(events);
  checkResponsesStream(text);
  const response = await official(text);
  assert.equal(response.output_text, "See here and there.");
  assert.deepEqual(
    response.output.map((item) => item.type),
    ["reasoning", "message", "function_call", "custom_tool_call", "reasoning"],
  );
  const message = response.output[1];
  assert.ok(message?.type === "message" && message.content[0]?.type === "output_text");
  assert.deepEqual(message.content[0].annotations, [
    { type: "url_citation", url: "http://a.test", title: "A", start_index: 0, end_index: 8 },
  ]);
  const [, , called] = response.output;
  assert.ok(called?.type === "function_call");
  assert.equal(called.arguments, '{"a":1}');
});

test("praxis-proxy/ai#266: interleaved calls never overlap and keep their own arguments", async () => {
  const events: ChatEvent[] = [
    started,
    { type: "block-start", index: 0, block: call("call_a", "one") },
    { type: "arguments-delta", index: 0, text: '{"x"' },
    { type: "block-start", index: 1, block: call("call_b", "two") },
    { type: "arguments-delta", index: 1, text: '{"y"' },
    { type: "arguments-delta", index: 0, text: ":1}" },
    { type: "arguments-delta", index: 1, text: ":2}" },
    { type: "block-end", index: 0 },
    { type: "block-end", index: 1 },
    ...finished("tool_calls"),
  ];
  const text = stream(events);
  checkResponsesStream(text);
  const { output } = await official(text);
  assert.deepEqual(
    output.map((item) => (item.type === "function_call" ? [item.call_id, item.arguments] : item.type)),
    [
      ["call_a", '{"x":1}'],
      ["call_b", '{"y":2}'],
    ],
  );
});

test("BerriAI/litellm#5063: a call without arguments has {} and not an empty text", () => {
  const { response } = checkResponsesStream(
    stream([started, ...block(0, call("c", "now")), ...finished("tool_calls")]),
  );
  assert.equal(objectsOf(response["output"])[0]?.["arguments"], "{}");
});

test("a call cut by the output limit is incomplete, and so is the response", () => {
  const { response } = checkResponsesStream(
    stream([started, ...block(0, call("c", "f"), '{"a":"b'), ...finished("length")]),
  );
  assert.equal(response["status"], "incomplete");
  assert.deepEqual(response["incomplete_details"], { reason: "max_output_tokens" });
  const [item] = objectsOf(response["output"]);
  assert.deepEqual([item?.["status"], item?.["arguments"]], ["incomplete", '{"a":"b']);
});

test("a filter's stop is incomplete; a refusal in words is a whole answer", () => {
  const filtered = checkResponsesStream(stream([started, ...block(0, { type: "text" }, "I"), ...finished("refusal")]));
  assert.deepEqual(filtered.response["incomplete_details"], { reason: "content_filter" });
  const refused = checkResponsesStream(
    stream([started, ...block(0, { type: "refusal" }, "No."), ...finished("refusal")]),
  );
  assert.equal(refused.response["status"], "completed");
});

test("router-for-me/CLIProxyAPI#5753: a custom tool that went out as a function comes back as a custom call", async () => {
  const body = { tools: [{ type: "custom", name: "apply_patch", format: { type: "grammar" } }] };
  const patch = '*** Begin Patch\n"quoted" \\ é\n';
  const json = JSON.stringify({ input: patch });
  const events = [
    started,
    ...block(0, call("c", "apply_patch"), json.slice(0, 9), json.slice(9)),
    ...finished("tool_calls"),
  ];
  const text = stream(events, body);
  checkResponsesStream(text);
  const [item] = (await official(text)).output;
  assert.ok(item?.type === "custom_tool_call");
  assert.equal(item.input, patch);
  const bare = stream([started, ...block(0, call("c", "apply_patch"), "*** Begin"), ...finished("tool_calls")], body);
  assert.equal(objectsOf(checkResponsesStream(bare).response["output"])[0]?.["input"], "*** Begin");
});

test("openai/codex#23186: a namespaced tool comes back under its own name and namespace", () => {
  const tools = [{ type: "namespace", name: "agents", description: "", tools: [{ type: "function", name: "spawn" }] }];
  const inItem = { input: [{ type: "additional_tools", role: "developer", tools }] };
  for (const body of [{ tools }, inItem]) {
    const { response } = checkResponsesStream(
      stream([started, ...block(0, call("c", "agents__spawn"), "{}"), ...finished("tool_calls")], body),
    );
    const [item] = objectsOf(response["output"]);
    assert.deepEqual([item?.["namespace"], item?.["name"]], ["agents", "spawn"]);
  }
});

test("a client that asked for a summary gets raw reasoning as one; its own encrypted state stays with its id", () => {
  const events: ChatEvent[] = [
    started,
    { type: "block-start", index: 0, block: { type: "reasoning", id: "rs_own" } },
    { type: "reasoning-delta", index: 0, text: "hm" },
    { type: "block-end", index: 0, state: { dialect: "openai-responses", kind: "encrypted", value: "ENC" } },
    ...finished("stop"),
  ];
  const asked = checkResponsesStream(stream(events, { reasoning: { summary: "auto" } })).response;
  assert.deepEqual(asked["output"], [
    {
      id: "rs_own",
      type: "reasoning",
      status: "completed",
      summary: [{ type: "summary_text", text: "hm" }],
      encrypted_content: "ENC",
    },
  ]);
  const [raw] = objectsOf(checkResponsesStream(stream(events)).response["output"]);
  assert.deepEqual([raw?.["summary"], raw?.["content"]], [[], [{ type: "reasoning_text", text: "hm" }]]);
});

test("BerriAI/litellm#22651: foreign reasoning state never stands in encrypted_content", () => {
  const events: ChatEvent[] = [
    started,
    { type: "block-start", index: 0, block: { type: "reasoning" } },
    { type: "block-end", index: 0, state: { dialect: "anthropic", kind: "signature", value: "SIG" } },
    ...finished("stop"),
  ];
  assert.ok(!stream(events).includes("SIG"));
});

test("BerriAI/litellm#32475: an error is response.failed with all fields, and no item is told as done", async () => {
  const events: ChatEvent[] = [
    started,
    { type: "block-start", index: 0, block: call("c", "f") },
    { type: "arguments-delta", index: 0, text: '{"a":1}' },
    { type: "block-end", index: 0 },
    { type: "error", failure: { kind: "cut", message: "the line went dead" } },
  ];
  const text = stream(events);
  const { response } = checkResponsesStream(text);
  assert.deepEqual(response["error"], { code: "server_error", message: "the line went dead" });
  assert.ok(!text.includes("output_item.done") && !text.includes("response.completed") && !text.includes("[DONE]"));
  const { status } = await official(text).catch((error: Error) => ({ status: error.message }));
  assert.notEqual(status, "completed");
  const early = checkResponsesStream(stream([{ type: "error", failure: { kind: "rate-limit", message: "slow" } }]));
  assert.equal(asObject(early.response["error"])?.["code"], "rate_limit_exceeded");
});

test("diegosouzapw/OmniRoute#8948: a ping is a comment and no item", () => {
  assert.equal(stream([{ type: "ping" }]), ": ping\n\n");
});

test("an answer that ends without usage has some: OpenCode asks again for ever without", () => {
  const { response } = checkResponsesStream(stream([started, { type: "end" }]));
  assert.equal(asObject(response["usage"])?.["input_tokens"], 7);
});

test("hosted items of this API go on whole, those of others do not", async () => {
  const search = { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "q" } };
  const events: ChatEvent[] = [
    started,
    {
      type: "opaque",
      index: 0,
      part: { type: "opaque", dialect: "openai-responses", what: "web_search_call", value: search },
    },
    { type: "opaque", index: 1, part: { type: "opaque", dialect: "anthropic", what: "server_tool_use", value: {} } },
    ...block(2, { type: "text" }, "found"),
    ...finished("stop"),
  ];
  const text = stream(events);
  assert.deepEqual(objectsOf(checkResponsesStream(text).response["output"])[0], search);
  assert.equal((await official(text)).output_text, "found");
});

test("property: any answer keeps the grammar, and the official client agrees with the whole answer", async () => {
  await fc.assert(
    fc.asyncProperty(anyResponse, async (response) => {
      const text = stream(eventsOf(response));
      const checked = checkResponsesStream(text);
      assert.deepEqual(responsesClient.writeResponse(response, context()), checked.response);
      const final = await official(text);
      assert.equal(final.output.length, objectsOf(checked.response["output"]).length);
    }),
    { numRuns: 60 },
  );
});

test("property: blocks in any order the vocabulary allows keep the grammar", () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      checkResponsesStream(stream(events));
    }),
  );
});

test("ids the provider used twice are told apart: the official client refuses them", async () => {
  const text = stream([
    started,
    ...block(0, { type: "reasoning", id: "rs_1" }, "a"),
    ...block(1, { type: "reasoning", id: "rs_1" }, "b"),
    ...block(2, call("call_1", "f"), "{}"),
    ...block(3, call("call_1", "f"), "{}"),
    ...block(4, call("", "f"), "{}"),
    ...block(5, call("c".repeat(70), "f"), "{}"),
    ...finished("tool_calls"),
  ]);
  const { output } = await official(text);
  assert.equal(output.length, 6);
  const ids = output.flatMap((item) => (item.type === "function_call" ? [item.call_id] : []));
  assert.deepEqual(ids.slice(0, 3), ["call_1", "call_1_2", "call_x1_4"]);
  assert.equal(ids[3]?.length, 64);
  checkResponsesStream(text);
});
