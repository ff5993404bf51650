import assert from "node:assert/strict";
import { test } from "node:test";
import { Ollama } from "ollama";
import type { EmbeddingRequest } from "../../core/embedding.ts";
import { RouterError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { ollamaEmbedClient, ollamaEmbeddingProvider, ollamaEmbeddingsClient } from "./embeddings.ts";

test("/api/embed takes one text or several", () => {
  const one = { model: "m", input: ["a"], encoding: "float" };
  assert.deepEqual(ollamaEmbedClient.readRequest({ model: "m", input: "a", truncate: true, keep_alive: 0 }), one);
  assert.deepEqual(ollamaEmbedClient.readRequest({ model: "m", input: ["a", "b"], dimensions: 64 }), {
    ...one,
    input: ["a", "b"],
    dimensions: 64,
  });
});

test("/api/embeddings takes a prompt", () => {
  assert.deepEqual(ollamaEmbeddingsClient.readRequest({ model: "m", prompt: "a" }), {
    model: "m",
    input: ["a"],
    encoding: "float",
  });
});

test("what is missing or wrong is named", () => {
  const bad: [() => unknown, string][] = [
    [() => ollamaEmbedClient.readRequest({ input: "a" }), "model"],
    [() => ollamaEmbedClient.readRequest({ model: "m" }), "input"],
    [() => ollamaEmbedClient.readRequest({ model: "m", input: [] }), "input"],
    [() => ollamaEmbedClient.readRequest({ model: "m", input: [1] }), "input[0]"],
    [() => ollamaEmbeddingsClient.readRequest({ model: "m" }), "prompt"],
  ];
  for (const [read, param] of bad)
    assert.throws(read, (error) => error instanceof RouterError && error.param === param, param);
});

test("the official SDK reads both answers", async () => {
  const result = { model: "m", vectors: [[0.1, -2]], inputTokens: 3 };
  const request: EmbeddingRequest = { model: "m", input: ["a"], encoding: "float" };
  const answering = (body: JsonObject) => new Ollama({ fetch: async () => new Response(JSON.stringify(body)) });
  const embed = await answering(ollamaEmbedClient.writeResponse(result, request)).embed({ model: "m", input: "a" });
  assert.deepEqual(embed.embeddings, [[0.1, -2]]);
  assert.equal(embed.prompt_eval_count, 3);
  const old = await answering(ollamaEmbeddingsClient.writeResponse(result, request)).embeddings({
    model: "m",
    prompt: "a",
  });
  assert.deepEqual(old.embedding, [0.1, -2]);
});

test("to a provider: texts, but no token ids", () => {
  const { writeRequest } = ollamaEmbeddingProvider;
  assert.deepEqual(writeRequest({ model: "x", input: ["a"], encoding: "base64", dimensions: 8, user: "u" }, "m"), {
    model: "m",
    input: ["a"],
    dimensions: 8,
  });
  assert.throws(
    () => writeRequest({ model: "x", input: [[1, 2]], encoding: "float" }, "m"),
    (error) => error instanceof RouterError && error.code === "not_translatable",
  );
});

test("from a provider: vectors, or an error", () => {
  const { readResponse } = ollamaEmbeddingProvider;
  assert.deepEqual(readResponse({ model: "m", embeddings: [[1, 2], []], prompt_eval_count: 4 }), {
    model: "m",
    vectors: [[1, 2], []],
    inputTokens: 4,
  });
  assert.throws(() => readResponse({ error: "does not support embeddings" }), /does not support embeddings/);
  for (const body of [null, {}, { embeddings: [1] }, { embeddings: [["a"]] }])
    assert.throws(() => readResponse(body), /not an embedding answer/);
});
