import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { emptyRequest } from "../../core/request.ts";
import { legalToolId } from "../tools/ids.ts";
import { geminiEmbeddingProvider } from "./embedding-provider.ts";
import { geminiProvider } from "./provider.ts";
import { geminiTokenCount } from "./token-count.ts";

test("the model is in the path, and nothing in its name makes another path of it", () => {
  equal(geminiProvider.path("gemini-3.8-flash", false), "/models/gemini-3.8-flash:generateContent");
  equal(geminiProvider.path("gemini-3.8-flash", true), "/models/gemini-3.8-flash:streamGenerateContent?alt=sse");
  equal(geminiProvider.path("models/m", false), "/models/m:generateContent");
  equal(geminiProvider.path("tunedModels/m", false), "/tunedModels/m:generateContent");
  equal(geminiProvider.path("../files/x?key=1#", false), "/models/..%2Ffiles%2Fx%3Fkey%3D1%23:generateContent");
});

test("tool names: dots and colons stay, anything else is mapped to what the API takes", () => {
  const rule = geminiProvider.toolNames;
  for (const name of ["a.b:c-d_1", "_x"]) equal(rule && legalToolId(name, rule), name);
  for (const name of ["1st", "with space", "ö", "x".repeat(65), "-a"]) {
    const sent = rule ? legalToolId(name, rule) : "";
    equal(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/.test(sent), true, sent);
  }
});

test("tokens are counted with tools and system prompt", () => {
  const request = {
    ...emptyRequest("openai", "asked"),
    system: [{ type: "text" as const, text: "s" }],
    messages: [{ role: "user" as const, parts: [{ type: "text" as const, text: "hi" }] }],
  };
  const target = { model: "m", quirks: {} };
  deepEqual(geminiTokenCount.writeRequest(request, target), {
    generateContentRequest: {
      model: "models/m",
      systemInstruction: { parts: [{ text: "s" }] },
      contents: [{ role: "user", parts: [{ text: "hi" }] }],
    },
  });
  equal(geminiTokenCount.path("m"), "/models/m:countTokens");
  equal(geminiTokenCount.readResponse({ totalTokens: 42 }), 42);
  equal(geminiTokenCount.readResponse({ error: {} }), undefined);
});

test("embeddings", () => {
  const request = { model: "asked", input: ["a", "b"], dimensions: 3, encoding: "float" as const };
  deepEqual(geminiEmbeddingProvider.writeRequest(request, "m"), {
    requests: ["a", "b"].map((text) => ({
      model: "models/m",
      content: { parts: [{ text }] },
      outputDimensionality: 3,
    })),
  });
  deepEqual(geminiEmbeddingProvider.readResponse({ embeddings: [{ values: [1, 2] }, { values: [3] }] }), {
    model: "",
    vectors: [[1, 2], [3]],
  });
  throws(() => geminiEmbeddingProvider.writeRequest({ ...request, input: [[1]] }, "m"), /texts, not token ids/);
  throws(() => geminiEmbeddingProvider.readResponse({ embeddings: [{ values: ["x"] }] }), /list of numbers/);
  throws(() => geminiEmbeddingProvider.readResponse({ embedding: {} }), /no|not a list/);
});
