import assert from "node:assert/strict";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { readModels, writeModel, writeModelList } from "./models.ts";

test("OpenAI: id, owner, time", () => {
  const body = { object: "list", data: [{ id: "gpt", object: "model", created: 1700000000, owned_by: "openai" }] };
  assert.deepEqual(readModels(body), [{ id: "gpt", ownedBy: "openai", createdMs: 1_700_000_000_000 }]);
});

test("OpenRouter: context length, name and capabilities", () => {
  const entry = {
    id: "a/b",
    name: "A: B",
    created: 1,
    context_length: 200000,
    architecture: { input_modalities: ["text", "image"] },
    supported_parameters: ["tools", "temperature"],
  };
  assert.deepEqual(readModels({ data: [entry] }), [
    {
      id: "a/b",
      contextLength: 200000,
      displayName: "A: B",
      createdMs: 1000,
      capabilities: new Set(["completion", "tools", "vision"]),
    },
  ]);
});

test("vLLM, Groq, llama.cpp, LM Studio, Mistral and Together each say the context length in their own place", () => {
  const length = (entry: object) =>
    readModels(JSON.parse(JSON.stringify({ data: [{ id: "m", ...entry }] })))[0]?.contextLength;
  assert.equal(length({ max_model_len: 8192 }), 8192);
  assert.equal(length({ context_window: 131072 }), 131072);
  assert.equal(length({ meta: { n_ctx_train: 4096, size: 12 } }), 4096);
  assert.equal(length({ max_context_length: 32768, loaded_context_length: 4096 }), 4096);
  assert.equal(length({ context_length: 0 }), undefined);
  assert.deepEqual(readModels([{ id: "t", context_length: 1 }]), [{ id: "t", contextLength: 1 }]);
});

test("capabilities only from those who say all of them", () => {
  const of = (entry: object) =>
    readModels(JSON.parse(JSON.stringify({ data: [{ id: "m", ...entry }] })))[0]?.capabilities;
  assert.deepEqual(
    of({ capabilities: { completion_chat: true, function_calling: true, vision: false } }),
    new Set(["completion", "tools"]),
  );
  assert.deepEqual(of({ type: "vlm", capabilities: ["tool_use"] }), new Set(["completion", "vision", "tools"]));
  assert.deepEqual(of({ type: "embeddings" }), new Set(["embedding"]));
  assert.equal(of({ capabilities: ["completion"] }), undefined);
  assert.equal(of({}), undefined);
});

test("what is no model list is an empty one", () => {
  assert.deepEqual(readModels(null), []);
  assert.deepEqual(readModels({ data: "x" }), []);
  assert.deepEqual(readModels({ data: [1, {}, { id: "" }] }), []);
});

test("the same path, two dialects: OpenAI's and Anthropic's clients both read the list", async () => {
  const list = writeModelList([
    { id: "a", createdMs: 1_700_000_000_000, ownedBy: "me", contextLength: 10 },
    { id: "b" },
  ]);
  const fetch = async () => Response.json(list);
  const options = { apiKey: "k", baseURL: "http://x.invalid", fetch };
  const openai: string[] = [];
  for await (const model of new OpenAI(options).models.list())
    openai.push(`${model.id} ${model.created} ${model.owned_by}`);
  assert.deepEqual(openai, ["a 1700000000 me", "b 0 "]);
  const anthropic: string[] = [];
  for await (const model of new Anthropic(options).models.list())
    anthropic.push(`${model.type} ${model.display_name} ${model.created_at}`);
  assert.deepEqual(anthropic, ["model a 2023-11-14T22:13:20.000Z", "model b 1970-01-01T00:00:00.000Z"]);
});

test("a list of our own is read back; one model alone has the same shape", () => {
  const models = [{ id: "a", createdMs: 5000, ownedBy: "me", contextLength: 10, displayName: "A" }];
  assert.deepEqual(readModels(writeModelList(models)), models);
  assert.equal(writeModel({ id: "a" })["object"], "model");
  const { data, ...frame } = writeModelList(models);
  assert.deepEqual(frame, { object: "list", has_more: false, first_id: "a", last_id: "a" });
  assert.equal(writeModelList([])["first_id"], null);
});
