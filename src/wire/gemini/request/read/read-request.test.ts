import assert from "node:assert/strict";
import { test } from "node:test";
import { RouterError } from "../../../../core/errors.ts";
import type { JsonObject } from "../../../../core/json.ts";
import type { Part } from "../../../../core/part.ts";
import { type ChatRequest, emptyRequest } from "../../../../core/request.ts";
import { geminiClient } from "../../client.ts";

const PNG = "iVBORw0KGgoAAAANSUhEUg==";
const HI = { contents: [{ role: "user", parts: [{ text: "hi" }] }] };

function read(body: JsonObject): ChatRequest {
  return geminiClient.readRequest({ ...HI, ...body }, {}, { model: "gemini-x", stream: false });
}

/** The parts of all messages. */
function parts(...contents: JsonObject[]): Part[] {
  return read({ contents }).messages.flatMap((message) => message.parts);
}

const user = (...list: JsonObject[]): JsonObject => ({ role: "user", parts: list });
const model = (...list: JsonObject[]): JsonObject => ({ role: "model", parts: list });
const call = (name: string, more: JsonObject = {}): JsonObject => ({ functionCall: { name, args: {}, ...more } });
const result = (name: string, response: JsonObject, more: JsonObject = {}): JsonObject => ({
  functionResponse: { name, response, ...more },
});

test("every field of a request", () => {
  const schema = { type: "object", properties: { z: { type: "string" }, a: {} } };
  const request = read({
    systemInstruction: { role: "user", parts: [{ text: "Be brief." }, { text: "Be kind." }] },
    tools: [
      {
        functionDeclarations: [
          { name: "look", description: "Looks", parametersJsonSchema: schema, behavior: "BLOCKING" },
          { name: "bare" },
        ],
      },
      { googleSearch: { timeRangeFilter: {} }, codeExecution: {} },
      { urlContext: {} },
      { googleMaps: {} },
    ],
    toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["look", "bare"] } },
    generationConfig: {
      temperature: 0.2,
      topP: 0.9,
      topK: 40,
      candidateCount: 1,
      maxOutputTokens: 256,
      stopSequences: ["END"],
      seed: 7,
      presencePenalty: 0.1,
      frequencyPenalty: 0.3,
      responseLogprobs: true,
      logprobs: 3,
      responseMimeType: "application/json",
      responseJsonSchema: schema,
      thinkingConfig: { includeThoughts: true, thinkingLevel: "HIGH" },
      responseModalities: ["TEXT"],
      imageConfig: { aspectRatio: "1:1" },
    },
    safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "OFF" }],
    cachedContent: "cachedContents/1",
    labels: { team: "a" },
    plugins: [{ id: "pareto-router", tier: "high" }],
  });
  assert.deepEqual(request, {
    ...emptyRequest("gemini", "gemini-x"),
    includeUsage: true,
    system: [
      { type: "text", text: "Be brief." },
      { type: "text", text: "Be kind." },
    ],
    messages: [{ role: "user", parts: [{ type: "text", text: "hi" }] }],
    tools: [
      { kind: "function", name: "look", description: "Looks", parameters: schema, extra: { behavior: "BLOCKING" } },
      { kind: "function", name: "bare" },
      hosted("googleSearch", "web_search", { timeRangeFilter: {} }),
      hosted("codeExecution", "code_execution"),
      hosted("urlContext", "web_fetch"),
      hosted("googleMaps"),
    ],
    toolChoice: { mode: "allowed", names: ["look", "bare"], required: true },
    sampling: {
      temperature: 0.2,
      topP: 0.9,
      topK: 40,
      seed: 7,
      presencePenalty: 0.1,
      frequencyPenalty: 0.3,
      stop: ["END"],
      logprobs: true,
      topLogprobs: 3,
    },
    maxOutputTokens: 256,
    output: { kind: "json_schema", schema },
    reasoning: { effort: "high", display: "auto" },
    plugins: [{ id: "pareto-router", settings: { tier: "high" } }],
    extra: {
      generationConfig: { responseModalities: ["TEXT"], imageConfig: { aspectRatio: "1:1" } },
      safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "OFF" }],
      cachedContent: "cachedContents/1",
      labels: { team: "a" },
    },
  });
});

function hosted(type: string, twin?: string, value: JsonObject = {}): JsonObject {
  return { kind: "hosted", dialect: "gemini", type, value: { [type]: value }, ...(twin && { twin }) };
}

test("snake_case says the same as camelCase, all the way down, but never inside the user's own data", () => {
  const camel = read({
    systemInstruction: { parts: [{ text: "s" }] },
    generationConfig: { maxOutputTokens: 5, thinkingConfig: { thinkingBudget: 9, includeThoughts: true } },
    toolConfig: { functionCallingConfig: { allowedFunctionNames: ["f"], mode: "ANY" } },
    tools: [{ functionDeclarations: [{ name: "f", parameters: { type: "OBJECT", properties: { a_b: {} } } }] }],
    contents: [
      user({ inlineData: { mimeType: "image/png", data: PNG } }, { fileData: { fileUri: "https://a.test/b.png" } }),
      model({ functionCall: { name: "f", args: { a_b: 1 } }, thoughtSignature: "s" }),
      user(result("f", { out_put: 1 })),
    ],
  });
  const snake = read({
    system_instruction: { parts: [{ text: "s" }] },
    generation_config: { max_output_tokens: 5, thinking_config: { thinking_budget: 9, include_thoughts: true } },
    tool_config: { function_calling_config: { allowed_function_names: ["f"], mode: "ANY" } },
    tools: [{ function_declarations: [{ name: "f", parameters: { type: "OBJECT", properties: { a_b: {} } } }] }],
    contents: [
      user({ inline_data: { mime_type: "image/png", data: PNG } }, { file_data: { file_uri: "https://a.test/b.png" } }),
      model({ function_call: { name: "f", args: { a_b: 1 } }, thought_signature: "s" }),
      user({ function_response: { name: "f", response: { out_put: 1 } } }),
    ],
  });
  assert.deepEqual(snake, camel);
  assert.equal(
    camel.tools[0]?.kind === "function" && JSON.stringify(camel.tools[0].parameters),
    '{"type":"object","properties":{"a_b":{}}}',
  );
  assert.match(JSON.stringify(camel.messages), /\{\\"a_b\\":1\}.*\{\\"out_put\\":1\}/);
});

test("thoughts, and signatures on every kind of part", () => {
  const state = (value: string) => ({ dialect: "gemini", kind: "signature", value });
  assert.deepEqual(
    parts(
      model(
        { text: "hm", thought: true },
        { text: "so", thought: true, thoughtSignature: "a" },
        { text: "hello", thoughtSignature: "b" },
        { text: "", thoughtSignature: "c" },
        { functionCall: { id: "1", name: "f", args: { z: 1, a: 2 } }, thoughtSignature: "d" },
      ),
    ),
    [
      { type: "reasoning", text: "hm" },
      { type: "reasoning", text: "so", state: state("a") },
      { type: "text", text: "hello" },
      { type: "reasoning", text: "", state: state("b") },
      { type: "reasoning", text: "", state: state("c") },
      { type: "tool-call", id: "1", name: "f", arguments: '{"z":1,"a":2}', kind: "function", state: state("d") },
    ],
  );
});

/** Ids of the calls, and ids the results were paired with. */
function pairing(...contents: JsonObject[]): { calls: string[]; results: string[] } {
  const all = parts(...contents);
  return {
    calls: all.flatMap((part) => (part.type === "tool-call" ? [part.id] : [])),
    results: all.flatMap((part) => (part.type === "tool-result" ? [part.callId] : [])),
  };
}

test("results find their calls by id, else by name and order", () => {
  const byId = pairing(
    model(call("look", { id: "a" }), call("look", { id: "b" })),
    user(result("look", {}, { id: "b" }), result("look", {}, { id: "a" })),
  );
  assert.deepEqual(byId.results, ["b", "a"]);
  const byName = pairing(
    model(call("look"), call("walk"), call("look")),
    user(result("walk", {}), result("look", {})),
    user(result("look", {})),
  );
  assert.equal(new Set(byName.calls).size, 3, "equal calls have ids of their own");
  assert.deepEqual(byName.results, [byName.calls[1], byName.calls[0], byName.calls[2]]);
  const unknownId = pairing(model(call("look")), user(result("look", {}, { id: "of-the-client" })));
  assert.deepEqual(unknownId.results, unknownId.calls, "an id only the result has");
});

test("calls nobody answered do not take the results of later ones, and ids stay as the conversation grows", () => {
  const turn = [model(call("look")), user({ text: "stop" })];
  const later = [model(call("look")), user(result("look", {}))];
  const { calls, results } = pairing(...turn, ...later);
  assert.deepEqual(results, [calls[1]]);
  assert.equal(pairing(...turn).calls[0], calls[0]);
  assert.match(calls[0] ?? "", /^call_/);
});

test("results: the usual keys, any other object, errors, media", () => {
  const results = parts(
    user(
      result("a", { output: "1" }),
      result("b", { result: { deep: [1] } }),
      result("c", { error: "no" }),
      result("d", { output: 1, more: 2 }),
      result("v", { name: "v", content: "of Vercel's" }),
      result("w", { name: "of the user", content: "x" }),
      result("e", {}, { parts: [{ inlineData: { mimeType: "image/png", data: PNG } }] }),
    ),
  ).map((part) => (part.type === "tool-result" ? [part.isError, part.parts] : part));
  assert.deepEqual(results, [
    [false, [{ type: "text", text: "1" }]],
    [false, [{ type: "text", text: '{"deep":[1]}' }]],
    [true, [{ type: "text", text: "no" }]],
    [false, [{ type: "text", text: '{"output":1,"more":2}' }]],
    [false, [{ type: "text", text: "of Vercel's" }]],
    [false, [{ type: "text", text: '{"name":"of the user","content":"x"}' }]],
    [
      false,
      [
        { type: "text", text: "{}" },
        { type: "image", source: { kind: "base64", mediaType: "image/png", data: PNG } },
      ],
    ],
  ]);
});

test("a turn of results and text is two messages, the results first", () => {
  const { messages } = read({ contents: [model(call("f")), user({ text: "and" }, result("f", { output: "1" }))] });
  assert.deepEqual(
    messages.map(({ role, parts: said }) => [role, said.map((part) => part.type)]),
    [
      ["assistant", ["tool-call"]],
      ["tool", ["tool-result"]],
      ["user", ["text"]],
    ],
  );
});

test("media: what it is is told by its type, its first bytes, or the name", () => {
  const source = (data: string, mediaType: string) => ({ kind: "base64", mediaType, data });
  const file = (fileUri: string, mimeType?: string) => ({ fileData: { fileUri, ...(mimeType && { mimeType }) } });
  const uploaded = "https://generativelanguage.googleapis.com/v1beta/files/1";
  assert.deepEqual(
    parts(
      user(
        { inlineData: { mimeType: "image/jpg", data: PNG }, mediaResolution: { level: "MEDIA_RESOLUTION_HIGH" } },
        { inlineData: { mimeType: "application/pdf", data: "JVBERi0x_-__", displayName: "a.pdf" } },
        { inlineData: { mimeType: "audio/x-wav", data: "UklGRg==" } },
        { inlineData: { mimeType: "text/csv", data: "YSxiCg==" } },
        file("https://a.test/b.jpg?x=1"),
        file("https://a.test/b", "application/pdf"),
        file(uploaded, "image/png"),
      ),
    ),
    [
      { type: "image", source: source(PNG, "image/png"), detail: "high" },
      { type: "document", source: source("JVBERi0x/+//", "application/pdf"), title: "a.pdf" },
      { type: "audio", data: "UklGRg==", format: "wav" },
      { type: "document", source: { kind: "text", text: "a,b\n" } },
      { type: "image", source: { kind: "url", url: "https://a.test/b.jpg?x=1" } },
      { type: "document", source: { kind: "url", url: "https://a.test/b" } },
      { type: "image", source: { kind: "file", dialect: "gemini", id: uploaded } },
    ],
  );
  const video = { fileData: { mimeType: "video/mp4", fileUri: "https://youtu.be/x" }, videoMetadata: { fps: 1 } };
  assert.deepEqual(parts(user(video)), [
    { type: "opaque", dialect: "gemini", what: "fileData video/mp4", value: video },
  ]);
});

test("parts nobody else has a word for are kept whole", () => {
  const code = { executableCode: { language: "PYTHON", code: "1" }, thoughtSignature: "s" };
  assert.deepEqual(parts(model(code)), [{ type: "opaque", dialect: "gemini", what: "executableCode", value: code }]);
});

test("one resolution for all images, but those that say their own", () => {
  const image = (more: JsonObject = {}) => ({ inlineData: { mimeType: "image/png", data: PNG }, ...more });
  const high = { mediaResolution: { level: "MEDIA_RESOLUTION_HIGH" } };
  const request = read({
    contents: [user(image(), image(high))],
    generationConfig: { mediaResolution: "MEDIA_RESOLUTION_LOW" },
  });
  const details = request.messages[0]?.parts.map((part) => part.type === "image" && part.detail);
  assert.deepEqual(details, ["low", "high"]);
  assert.deepEqual(request.extra, {});
});

test("thinking: levels, budgets, none, as the model likes", () => {
  const reasoning = (thinkingConfig: JsonObject) => read({ generationConfig: { thinkingConfig } }).reasoning;
  assert.deepEqual(reasoning({ thinkingLevel: "MINIMAL" }), { effort: "minimal" });
  assert.deepEqual(reasoning({ thinkingBudget: 2048 }), { mode: "on", budgetTokens: 2048 });
  assert.deepEqual(reasoning({ thinkingBudget: 0, includeThoughts: true }), { mode: "off", effort: "none" });
  assert.equal(reasoning({ thinkingBudget: -1 }), undefined);
  assert.deepEqual(reasoning({ thinkingBudget: -1, includeThoughts: true }), { mode: "adaptive", display: "auto" });
  assert.equal(reasoning({ thinkingLevel: "THINKING_LEVEL_UNSPECIFIED" }), undefined);
  const newer = read({ generationConfig: { thinkingConfig: { thinkingLevel: "DEEPEST" } } });
  assert.deepEqual(newer.extra, { generationConfig: { thinkingConfig: { thinkingLevel: "DEEPEST" } } });
});

test("the modes of calling", () => {
  const choice = (functionCallingConfig: JsonObject) => read({ toolConfig: { functionCallingConfig } });
  assert.deepEqual(choice({ mode: "AUTO", streamFunctionCallArguments: true }).toolChoice, { mode: "auto" });
  assert.deepEqual(choice({ mode: "none" }).toolChoice, { mode: "none" });
  assert.deepEqual(choice({ mode: "ANY" }).toolChoice, { mode: "required" });
  assert.deepEqual(choice({ mode: "ANY", allowedFunctionNames: ["f"] }).toolChoice, { mode: "tool", name: "f" });
  const validated = choice({ mode: "VALIDATED", allowedFunctionNames: ["f"] });
  assert.deepEqual(validated.toolChoice, { mode: "allowed", names: ["f"], required: false });
  assert.deepEqual(validated.extra, { toolConfig: { functionCallingConfig: { mode: "VALIDATED" } } });
});

test("output: JSON without a schema, a word of a list, numbers written as strings", () => {
  assert.deepEqual(read({ generationConfig: { responseMimeType: "application/json" } }).output, { kind: "json" });
  const config = { responseMimeType: "text/x.enum", responseSchema: { type: "STRING", enum: ["a", "b"] } };
  const word = read({ generationConfig: config });
  assert.equal(word.output, undefined);
  assert.deepEqual(word.extra, { generationConfig: config });
  assert.equal(read({ generationConfig: { seed: "7", candidateCount: 3 } }).sampling.seed, 7);
  assert.equal(read({ generationConfig: { candidateCount: 3 } }).sampling.n, 3);
});

test("single contents and parts, a system instruction as text, roles of older clients", () => {
  const request = read({ contents: { parts: { text: "hi" } }, systemInstruction: "Be brief." });
  assert.deepEqual(request.messages, [{ role: "user", parts: [{ type: "text", text: "hi" }] }]);
  assert.deepEqual(request.system, [{ type: "text", text: "Be brief." }]);
  assert.equal(read({ contents: [{ role: "function", parts: [result("f", {})] }] }).messages[0]?.role, "tool");
  assert.equal(read({ contents: [{ role: "USER", parts: [{ text: "x" }] }] }).messages[0]?.role, "user");
});

test("fields nobody knows keep the name the client gave them, Gemini's own have one", () => {
  const request = read({ shoe_size: 43, safety_settings: [{}], serviceTier: "standard" });
  assert.deepEqual(request.extra, { shoe_size: 43, safetySettings: [{}], serviceTier: "standard" });
});

test("model and stream are what the path says", () => {
  const request = geminiClient.readRequest({ ...HI, model: "models/other" }, {}, { model: "m", stream: true });
  assert.deepEqual([request.model, request.stream, request.extra], ["m", true, {}]);
});

test("what the API would refuse is refused, naming the field", () => {
  const bad: [JsonObject, string][] = [
    [{ contents: [] }, "contents"],
    [{ contents: "hi" }, "contents[0]"],
    [{ contents: [{ role: "system", parts: [] }] }, "contents[0].role"],
    [{ contents: [{ parts: [{ text: 1 }] }] }, "contents[0].parts[0].text"],
    [{ contents: [model({ functionCall: {} })] }, "contents[0].parts[0].functionCall.name"],
    [{ tools: [{ functionDeclarations: [{}] }] }, "tools[0].functionDeclarations[0].name"],
    [{ generationConfig: { temperature: "hot" } }, "generationConfig.temperature"],
    [{ generationConfig: { stopSequences: "x" } }, "generationConfig.stopSequences"],
    [{ generationConfig: [] }, "generationConfig"],
    [{ toolConfig: { functionCallingConfig: { mode: "SOME" } } }, "toolConfig.functionCallingConfig.mode"],
    [{ plugins: [{}] }, "plugins[0].id"],
  ];
  for (const [body, param] of bad) {
    assert.throws(
      () => read(body),
      (error) => error instanceof RouterError && error.code === "bad_request" && error.param === param,
      JSON.stringify(body),
    );
  }
});
