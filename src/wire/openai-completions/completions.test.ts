import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import type { JsonObject } from "../../core/json.ts";
import { Losses } from "../../core/loss.ts";
import { emptyRequest } from "../../core/request.ts";
import { type ChatResponse, eventsOf, reduceEvents } from "../../core/response.ts";
import { reportedUsage } from "../../core/usage.ts";
import { openaiProvider } from "../openai/provider.ts";
import { answerContext, readAll, sse, writeAll } from "../openai/testing.ts";
import { openaiCompletionsClient } from "./client.ts";
import { openaiCompletionsProvider } from "./provider.ts";

const read = (body: JsonObject) => openaiCompletionsClient.readRequest({ model: "m", prompt: "p", ...body }, {});
const target = { model: "sent", quirks: {} };
const response = {
  id: "c1",
  model: "m1",
  parts: [{ type: "text" as const, text: "out" }],
  finish: { reason: "length" as const },
  usage: reportedUsage({ input: 2, output: 1 }),
};

test("one prompt is one user message; what only a completion has stays in extra", () => {
  const request = read({
    prompt: ["hello"],
    max_tokens: 3,
    stop: ["x"],
    suffix: "s",
    logprobs: 2,
    best_of: 1,
    echo: true,
  });
  assert.deepEqual(request.messages, [{ role: "user", parts: [{ type: "text", text: "hello" }] }]);
  assert.equal(request.maxOutputTokens, 3);
  assert.deepEqual(request.sampling, { stop: ["x"] });
  assert.deepEqual(request.extra, { suffix: "s", logprobs: 2, best_of: 1, echo: true });
});

test("several prompts and token ids: as they are to a server of this endpoint, refused by all others", () => {
  for (const prompt of [
    ["a", "b"],
    [1, 2],
    [[1], [2]],
  ]) {
    const request = read({ prompt });
    const own = new Losses(openaiCompletionsProvider.support);
    const body = openaiCompletionsProvider.writeRequest(request, { model: "m", quirks: {} }, own);
    assert.deepEqual([body["prompt"], own.list], [prompt, []]);
    const chat = new Losses(openaiProvider.support);
    openaiProvider.writeRequest(request, { model: "m", quirks: {} }, chat);
    assert.deepEqual(chat.list, [{ field: "prompt", treatment: "dropped", class: "reject" }]);
  }
  assert.deepEqual(read({ prompt: ["a"] }).extra, {});
  for (const prompt of [[], 7, undefined]) assert.throws(() => read({ prompt }), /prompt/);
});

test("a completion goes on as a completion, with its own fields", () => {
  const losses = new Losses(openaiCompletionsProvider.support);
  const request = read({ suffix: "s", echo: true, temperature: 0, stream: true });
  assert.deepEqual(openaiCompletionsProvider.writeRequest(request, target, losses), {
    model: "sent",
    prompt: "p",
    temperature: 0,
    suffix: "s",
    echo: true,
    stream: true,
    stream_options: { include_usage: true },
  });
  assert.deepEqual(losses.list, []);
});

test("a chat as a prompt: texts joined, the rest refused by name", () => {
  const losses = new Losses(openaiCompletionsProvider.support);
  const request = emptyRequest("openai", "m");
  request.system = [{ type: "text", text: "s" }];
  request.messages = [
    {
      role: "user",
      parts: [
        { type: "text", text: "u" },
        { type: "audio", data: "", format: "wav" },
      ],
    },
  ];
  request.sampling = { logprobs: true };
  assert.deepEqual(openaiCompletionsProvider.writeRequest(request, target, losses), {
    model: "sent",
    prompt: "s\n\nu",
  });
  assert.deepEqual(
    losses.list.map((loss) => `${loss.field} ${loss.class}`),
    ["messages[0].content[1] reject", "logprobs report"],
  );
});

test("the official SDK reads a whole completion", async () => {
  const body = openaiCompletionsClient.writeResponse(response, answerContext());
  const client = new OpenAI({ apiKey: "k", baseURL: "http://x.invalid/v1", fetch: async () => Response.json(body) });
  const completion = await client.completions.create({ model: "m", prompt: "p" });
  assert.equal(completion.object, "text_completion");
  assert.deepEqual(completion.choices, [{ text: "out", index: 0, logprobs: null, finish_reason: "length" }]);
  assert.equal(completion.usage?.total_tokens, 3);
});

test("a stream byte for byte, with and without usage", () => {
  const head = '{"id":"c1","object":"text_completion","created":1700000000,"model":"m1","choices":';
  const line = (text: string, finish: string, tail = "") =>
    `data: ${head}[{"text":"${text}","index":0,"logprobs":null,"finish_reason":${finish}}]${tail}}\n\n`;
  const stream = (includeUsage: boolean) =>
    writeAll(openaiCompletionsClient.writeStream(answerContext({ includeUsage })), eventsOf(response));
  assert.equal(stream(false), `${line("out", "null")}${line("", '"length"')}data: [DONE]\n\n`);
  const none = ',"usage":null';
  assert.ok(stream(true).startsWith(line("out", "null", none) + line("", '"length"', none)));
  assert.match(stream(true), /"choices":\[\],"usage":\{"prompt_tokens":2.*\}\n\ndata: \[DONE\]\n\n$/);
});

test("what is no text is told as lost, once each, whole and streamed; a refusal is what the answer says", () => {
  const call = { type: "tool-call" as const, id: "1", name: "f", arguments: "{}", kind: "function" as const };
  const rich: ChatResponse = {
    ...response,
    parts: [
      { type: "reasoning", text: "hm" },
      { type: "text", text: "out", citations: [{ url: "https://a.test/" }] },
      call,
      call,
      { type: "opaque", dialect: "anthropic", what: "server_tool_use", value: {} },
      { type: "refusal", text: "no" },
    ],
  };
  const expected = ["reasoning", "citations", "tool_calls(f)", "server_tool_use"];
  const told: string[] = [];
  const context = { ...answerContext(), lost: (field: string) => told.push(field) };
  assert.match(JSON.stringify(openaiCompletionsClient.writeResponse(rich, context)), /"text":"outno"/);
  assert.deepEqual(told.splice(0), expected);
  assert.match(writeAll(openaiCompletionsClient.writeStream(context), eventsOf(rich)), /"text":"no"/);
  assert.deepEqual(told, expected);
});

test("an error ends the stream without [DONE]", () => {
  const writer = openaiCompletionsClient.writeStream(answerContext());
  assert.equal(writer.write({ type: "start", id: "c1", model: "m1" }), "");
  const text = writer.write({ type: "error", failure: { kind: "cut", message: "gone" } });
  assert.match(text, /^data: \{"error":\{"message":"gone".*\}\}\n\n$/);
});

test("a completion passed through is read: whole and streamed", () => {
  const usage = { prompt_tokens: 2, completion_tokens: 1 };
  const body = { id: "c1", model: "m1", choices: [{ text: "out", index: 0, finish_reason: "length" }], usage };
  const { parts, finish } = reduceEvents(openaiCompletionsProvider.readResponse(body)).response();
  assert.deepEqual(parts, response.parts);
  assert.equal(finish.reason, "length");
  const piece = (text: string, reason: string | null) => ({
    ...body,
    usage: null,
    choices: [{ text, index: 0, finish_reason: reason }],
  });
  const events = readAll(
    openaiCompletionsProvider.readStream(),
    sse(piece("o", null), piece("ut", null), piece("", "length"), { ...body, choices: [], usage }, "[DONE]"),
  );
  assert.deepEqual(reduceEvents(events).response().parts, response.parts);
  assert.equal(reduceEvents(events).usage?.input, 2);
});
