import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import OpenAI from "openai";
import type { Json, JsonObject } from "../../core/json.ts";
import { openaiEmbeddingClient, openaiEmbeddingProvider } from "./embeddings.ts";

const result = { model: "e", vectors: [[0.5, -1, 0.25]], inputTokens: 3 };
const read = (body: JsonObject) => openaiEmbeddingClient.readRequest({ model: "e", ...body });

test("a text, texts, token ids and lists of them", () => {
  assert.deepEqual(read({ input: "a" }).input, ["a"]);
  assert.deepEqual(read({ input: ["a", "b"] }).input, ["a", "b"]);
  assert.deepEqual(read({ input: [1, 2] }).input, [[1, 2]]);
  assert.deepEqual(read({ input: [[1], [2, 3]] }).input, [[1], [2, 3]]);
  for (const input of [[], [[]], ["a", 1], null, 5, [{}]] satisfies Json[])
    assert.throws(() => read({ input }), /`input`/);
});

test("every field of the request goes to the provider", () => {
  const request = read({ input: "a", dimensions: 2, user: "u", encoding_format: "base64" });
  assert.equal(request.encoding, "base64");
  assert.deepEqual(openaiEmbeddingProvider.writeRequest(request, "sent"), {
    model: "sent",
    input: ["a"],
    encoding_format: "float",
    dimensions: 2,
    user: "u",
  });
  assert.throws(() => read({ input: "a", encoding_format: "int8" }), /encoding_format/);
  assert.throws(() => openaiEmbeddingClient.readRequest({ input: "a" }), /`model`/);
});

test("base64 embeddings missing: the official SDK asks for them by default and gets its numbers", async () => {
  let asked: JsonObject = {};
  const answer: typeof fetch = async (_url, init) => {
    asked = JSON.parse(`${init?.body}`);
    return Response.json(openaiEmbeddingClient.writeResponse(result, openaiEmbeddingClient.readRequest(asked)));
  };
  const client = new OpenAI({ apiKey: "k", baseURL: "http://x.invalid/v1", fetch: answer });
  const list = await client.embeddings.create({ model: "e", input: "a" });
  assert.equal(asked["encoding_format"], "base64");
  assert.deepEqual([...(list.data[0]?.embedding ?? [])], [0.5, -1, 0.25]);
  assert.equal(list.usage.prompt_tokens, 3);
});

test("float32 little-endian: 1 is AACAPw==", () => {
  const body = openaiEmbeddingClient.writeResponse(
    { model: "e", vectors: [[1]] },
    read({ input: "a", encoding_format: "base64" }),
  );
  assert.match(JSON.stringify(body), /"embedding":"AACAPw=="/);
});

test("what is written is read back in either encoding, and in the order of index", () => {
  const vector = fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(vector, { minLength: 1, maxLength: 4 }), fc.boolean(), (vectors, base64) => {
      const request = read({ input: "a", encoding_format: base64 ? "base64" : "float" });
      const body = openaiEmbeddingClient.writeResponse({ model: "e", vectors, inputTokens: 1 }, request);
      if (Array.isArray(body["data"])) body["data"].reverse();
      assert.deepEqual(openaiEmbeddingProvider.readResponse(body), { model: "e", vectors, inputTokens: 1 });
    }),
  );
});

test("what is no list of embeddings is refused", () => {
  assert.throws(() => openaiEmbeddingProvider.readResponse({ error: "x" }), /not a list of embeddings/);
  assert.throws(
    () => openaiEmbeddingProvider.readResponse({ data: [{ embedding: [1, "x"] }] }),
    /not a list of numbers/,
  );
});
