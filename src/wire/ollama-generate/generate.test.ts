import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Ollama } from "ollama";
import { answerContext, anyResponse } from "../../../test/support/answers.ts";
import { readAll } from "../../../test/support/streams.ts";
import type { JsonObject } from "../../core/json.ts";
import { Losses } from "../../core/loss.ts";
import { emptyRequest } from "../../core/request.ts";
import { type ChatResponse, eventsOf, reduceEvents } from "../../core/response.ts";
import { gather } from "../ollama/answer/write-response.ts";
import { ollamaProvider } from "../ollama/provider.ts";
import { isGenerateLoadRequest, ollamaGenerateClient } from "./client.ts";
import { ollamaGenerateProvider } from "./provider.ts";

const BODY: JsonObject = {
  model: "m",
  prompt: "def f(",
  system: "Write code.",
  images: ["iVBORw0KGgoAAAA="],
  stream: false,
  format: "json",
  think: false,
  keep_alive: "5m",
  suffix: "return x",
  template: "{{ .Prompt }}",
  raw: true,
  context: [1, 2],
  options: { temperature: 0, num_ctx: 9 },
};

test("every field of a request", () => {
  assert.deepEqual(ollamaGenerateClient.readRequest(BODY, {}), {
    ...emptyRequest("ollama-generate", "m"),
    includeUsage: true,
    system: [{ type: "text", text: "Write code." }],
    messages: [
      {
        role: "user",
        parts: [
          { type: "text", text: "def f(" },
          { type: "image", source: { kind: "base64", mediaType: "image/png", data: "iVBORw0KGgoAAAA=" } },
        ],
      },
    ],
    sampling: { temperature: 0 },
    output: { kind: "json" },
    reasoning: { mode: "off", effort: "none" },
    extra: {
      keep_alive: "5m",
      suffix: "return x",
      template: "{{ .Prompt }}",
      raw: true,
      context: [1, 2],
      "options.num_ctx": 9,
    },
  });
  assert.equal(ollamaGenerateClient.readRequest({ model: "m" }, {}).stream, true);
});

test("read and written again it is the same", () => {
  const losses = new Losses(ollamaGenerateProvider.support);
  const request = ollamaGenerateClient.readRequest(BODY, {});
  assert.deepEqual(ollamaGenerateProvider.writeRequest(request, { model: "m", quirks: {} }, losses), BODY);
  assert.deepEqual(losses.list, []);
});

test("to a chat the fields of generate alone cannot go: the answer would be wrong, so the request is refused", () => {
  const losses = new Losses(ollamaProvider.support);
  const body = ollamaProvider.writeRequest(
    ollamaGenerateClient.readRequest(BODY, {}),
    { model: "m", quirks: {} },
    losses,
  );
  assert.deepEqual(
    losses.list.map((loss) => [loss.field, loss.class]),
    ["suffix", "template", "raw", "context"].map((field) => [field, "reject"]),
  );
  assert.equal(body["keep_alive"], "5m");
  assert.deepEqual(body["options"], { temperature: 0, num_ctx: 9 });
});

test("a conversation does not fit into one prompt", () => {
  const losses = new Losses(ollamaGenerateProvider.support);
  const request = emptyRequest("openai", "m");
  request.messages.push({ role: "user", parts: [] }, { role: "assistant", parts: [] });
  request.tools.push({ kind: "function", name: "t" });
  ollamaGenerateProvider.writeRequest(request, { model: "m", quirks: {} }, losses);
  assert.deepEqual(
    losses.list.map((loss) => [loss.field, loss.class]),
    [
      ["tools", "reject"],
      ["messages", "reject"],
    ],
  );
});

test("a body without prompt, image and suffix only loads the model", () => {
  assert.equal(isGenerateLoadRequest({ model: "m" }), true);
  assert.equal(isGenerateLoadRequest({ model: "m", prompt: "", images: [] }), true);
  assert.equal(isGenerateLoadRequest({ model: "m", prompt: "a" }), false);
  assert.equal(isGenerateLoadRequest({ model: "m", suffix: "a" }), false);
  assert.equal(isGenerateLoadRequest({ model: "m", images: ["AAAA"] }), false);
});

function stream(response: ChatResponse): string {
  const writer = ollamaGenerateClient.writeStream(answerContext());
  return eventsOf(response)
    .map((event) => writer.write(event))
    .join("");
}

test("streamed and whole answers are read back as they were", () => {
  fc.assert(
    fc.property(anyResponse, (response) => {
      const whole = reduceEvents(
        ollamaGenerateProvider.readResponse(ollamaGenerateClient.writeResponse(response, answerContext())),
      );
      const streamed = reduceEvents(readAll(ollamaGenerateProvider.readStream(), stream(response), [13]));
      const sent = gather(response.parts, answerContext());
      for (const read of [whole, streamed]) {
        const seen = gather(read.response().parts, answerContext());
        assert.equal(seen.text, sent.text);
        assert.equal(seen.thinking, sent.thinking);
        assert.equal(seen.calls.length, sent.calls.length);
        assert.equal(read.closed && !read.failure, true);
      }
      assert.deepEqual(streamed.usage, whole.usage);
    }),
  );
});

test("a passed-through answer is tapped: text, thinking, usage, and a cut is a cut", () => {
  const lines =
    '{"model":"m","created_at":"x","response":"","thinking":"Hm","done":false}\n' +
    '{"model":"m","created_at":"x","response":"Hi","done":false}\n';
  const last =
    '{"model":"m","response":"","done":true,"done_reason":"length","context":[1],"prompt_eval_count":3,"eval_count":2}\n';
  const built = reduceEvents(readAll(ollamaGenerateProvider.readStream(), lines + last, [7]));
  assert.deepEqual(built.response().parts, [
    { type: "reasoning", text: "Hm" },
    { type: "text", text: "Hi" },
  ]);
  assert.equal(built.response().finish.reason, "length");
  assert.equal(built.usage?.output, 2);
  assert.equal(reduceEvents(readAll(ollamaGenerateProvider.readStream(), lines)).failure?.kind, "cut");
});

test("the official SDK reads both", async () => {
  const response: ChatResponse = {
    id: "",
    model: "m",
    parts: [
      { type: "reasoning", text: "Hm" },
      { type: "text", text: "Hi" },
    ],
    finish: { reason: "stop" },
  };
  const answering = (text: string) => new Ollama({ fetch: async () => new Response(text) });
  let seen = "";
  for await (const part of await answering(stream(response)).generate({ model: "m", prompt: "a", stream: true }))
    seen += `${part.thinking ?? ""}|${part.response}|`;
  assert.equal(seen, "Hm|||Hi|||");
  const body = JSON.stringify(ollamaGenerateClient.writeResponse(response, answerContext()));
  assert.equal((await answering(body).generate({ model: "m", prompt: "a" })).response, "Hi");
});
