import type { JsonObject } from "../../src/core/json.ts";
import type { Feature } from "../../src/core/loss.ts";
import type { Dialect } from "../../src/core/part.ts";

/** A request of one API that uses one feature: fields laid over a plain one. */
export type Examples = Partial<Record<Feature, JsonObject>>;

const SCHEMA = { type: "object", properties: { a: { type: "string" } } };
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ";
const PDF = Buffer.from("%PDF-1.4\n").toString("base64");
const URL = "https://example.com/a";
const PNG_URL = `data:image/png;base64,${PNG}`;
const PDF_URL = `data:application/pdf;base64,${PDF}`;

const says = (...content: JsonObject[]): JsonObject => ({ messages: [{ role: "user", content }] });
const history = (...more: JsonObject[]): JsonObject => ({
  messages: [{ role: "user", content: "hi" }, ...more, { role: "user", content: "go on" }],
});
const MID_SYSTEM = history({ role: "system", content: "be brief" });

/** Fields several APIs share by name. */
const SHARED = {
  temperature: { temperature: 0.5 },
  top_p: { top_p: 0.5 },
  top_k: { top_k: 5 },
  unknown_fields: { never_heard_of: 1 },
} satisfies Examples;

const PENALTIES = {
  frequency_penalty: { frequency_penalty: 1 },
  presence_penalty: { presence_penalty: 1 },
  seed: { seed: 7 },
} satisfies Examples;

const nested = (more: JsonObject = {}): JsonObject => ({
  type: "function",
  function: { name: "f", parameters: SCHEMA, ...more },
});
const chatCall = { role: "assistant", content: null, tool_calls: [{ id: "c", ...nested() }] };
const chatResult = (content: JsonObject[]): JsonObject =>
  history(chatCall, { role: "tool", tool_call_id: "c", content });
const chatImage = (url: string, more: JsonObject = {}): JsonObject => ({
  type: "image_url",
  image_url: { url, ...more },
});
const chatFile = (file: JsonObject): JsonObject => ({ type: "file", file });

const openai: Examples = {
  ...SHARED,
  ...PENALTIES,
  min_p: { min_p: 0.1 },
  repeat_penalty: { repetition_penalty: 1.1 },
  stop: { stop: ["END"] },
  n: { n: 2 },
  logprobs: { logprobs: true },
  logit_bias: { logit_bias: { "1": 2 } },
  max_output_tokens: { max_completion_tokens: 100 },
  json_object: { response_format: { type: "json_object" } },
  json_schema: { response_format: { type: "json_schema", json_schema: { name: "a", schema: SCHEMA } } },
  function_tools: { tools: [nested()] },
  custom_tools: { tools: [{ type: "custom", custom: { name: "f" } }] },
  strict_tools: { tools: [nested({ strict: true })] },
  tool_choice_required: { tools: [nested()], tool_choice: "required" },
  tool_choice_named: { tools: [nested()], tool_choice: { type: "function", function: { name: "f" } } },
  tool_choice_none: { tools: [nested()], tool_choice: "none" },
  tool_choice_allowed: {
    tools: [nested()],
    tool_choice: { type: "allowed_tools", allowed_tools: { mode: "auto", tools: [nested()] } },
  },
  parallel_tool_calls: { tools: [nested()], parallel_tool_calls: false },
  hosted_tools: { tools: [{ type: "future_tool" }] },
  reasoning_effort: { reasoning_effort: "low" },
  reasoning_budget: { reasoning: { max_tokens: 2000 } },
  reasoning_text: history({ role: "assistant", content: "a", reasoning_content: "hm" }),
  reasoning_state: history({
    role: "assistant",
    content: "a",
    reasoning_details: [{ type: "reasoning.text", text: "hm", signature: "c2ln", format: "anthropic" }],
  }),
  verbosity: { verbosity: "low" },
  cache_marks: says({ type: "text", text: "hi", prompt_cache_breakpoint: { mode: "explicit" } }),
  cache_key: { prompt_cache_key: "k" },
  user: { user: "u" },
  metadata: { metadata: { a: "b" } },
  mid_system: MID_SYSTEM,
  participant_name: { messages: [{ role: "user", name: "bob", content: "hi" }] },
  image_data: says(chatImage(PNG_URL)),
  image_url: says(chatImage(URL)),
  image_detail: says(chatImage(PNG_URL, { detail: "low" })),
  document_data: says(chatFile({ file_data: PDF_URL, filename: "a.pdf" })),
  document_url: says(chatFile({ file_data: URL })),
  file_id: says(chatFile({ file_id: "file-1" })),
  audio: says({ type: "input_audio", input_audio: { data: "AAAA", format: "wav" } }),
  tool_result_image: chatResult([chatImage(PNG_URL)]),
  tool_result_document: chatResult([chatFile({ file_data: PDF_URL })]),
  refusal_history: history({ role: "assistant", content: null, refusal: "no" }),
  opaque_parts: says({ type: "hologram", value: 1 }),
};

const completions: Examples = {
  ...SHARED,
  ...PENALTIES,
  min_p: { min_p: 0.1 },
  repeat_penalty: { repetition_penalty: 1.1 },
  stop: { stop: "END" },
  n: { n: 2 },
  logit_bias: { logit_bias: { "1": 2 } },
  max_output_tokens: { max_tokens: 100 },
  cache_key: { prompt_cache_key: "k" },
  user: { user: "u" },
  metadata: { metadata: { a: "b" } },
};

const item = (value: JsonObject): JsonObject => ({ input: [{ role: "user", content: "hi" }, value] });
const inputs = (...content: JsonObject[]): JsonObject => ({ input: [{ role: "user", content }] });
const flat = (more: JsonObject = {}): JsonObject => ({ type: "function", name: "f", parameters: SCHEMA, ...more });
const output = (value: JsonObject): JsonObject => ({
  input: [
    { type: "function_call", call_id: "c", name: "f", arguments: "{}" },
    { type: "function_call_output", call_id: "c", output: [value] },
  ],
});
const answered = (content: JsonObject): JsonObject => item({ type: "message", role: "assistant", content: [content] });
const cited = { type: "url_citation", url: URL, title: "t", start_index: 0, end_index: 1 };

const responses: Examples = {
  temperature: SHARED.temperature,
  top_p: SHARED.top_p,
  unknown_fields: SHARED.unknown_fields,
  logprobs: { include: ["message.output_text.logprobs"], top_logprobs: 2 },
  max_output_tokens: { max_output_tokens: 100 },
  json_object: { text: { format: { type: "json_object" } } },
  json_schema: { text: { format: { type: "json_schema", name: "a", schema: SCHEMA } } },
  function_tools: { tools: [flat()] },
  custom_tools: { tools: [{ type: "custom", name: "f" }] },
  hosted_tools: { tools: [{ type: "file_search", vector_store_ids: ["v"] }] },
  hosted_web_search: { tools: [{ type: "web_search" }] },
  hosted_code_execution: { tools: [{ type: "code_interpreter", container: { type: "auto" } }] },
  strict_tools: { tools: [flat({ strict: true })] },
  tool_choice_required: { tools: [flat()], tool_choice: "required" },
  tool_choice_named: { tools: [flat()], tool_choice: { type: "function", name: "f" } },
  tool_choice_none: { tools: [flat()], tool_choice: "none" },
  tool_choice_allowed: {
    tools: [flat()],
    tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }] },
  },
  parallel_tool_calls: { tools: [flat()], parallel_tool_calls: false },
  reasoning_effort: { reasoning: { effort: "low" } },
  reasoning_text: item({ type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "hm" }] }),
  reasoning_state: item({ type: "reasoning", id: "rs_1", summary: [], encrypted_content: "ZW5j" }),
  verbosity: { text: { verbosity: "low" } },
  cache_marks: inputs({ type: "input_text", text: "hi", prompt_cache_breakpoint: { mode: "explicit" } }),
  cache_key: { prompt_cache_key: "k" },
  user: { safety_identifier: "u" },
  metadata: { metadata: { a: "b" } },
  mid_system: item({ role: "developer", content: "be brief" }),
  image_data: inputs({ type: "input_image", image_url: PNG_URL }),
  image_url: inputs({ type: "input_image", image_url: URL }),
  image_detail: inputs({ type: "input_image", image_url: PNG_URL, detail: "low" }),
  document_data: inputs({ type: "input_file", file_data: PDF_URL, filename: "a.pdf" }),
  document_url: inputs({ type: "input_file", file_url: URL }),
  file_id: inputs({ type: "input_file", file_id: "file-1" }),
  audio: inputs({ type: "input_audio", input_audio: { data: "AAAA", format: "wav" } }),
  tool_result_image: output({ type: "input_image", image_url: PNG_URL }),
  tool_result_document: output({ type: "input_file", file_data: PDF_URL }),
  refusal_history: answered({ type: "refusal", refusal: "no" }),
  citations: answered({ type: "output_text", text: "a", annotations: [cited] }),
  opaque_parts: item({ type: "computer_call", id: "cc_1", call_id: "c", action: {} }),
};

const tool = (more: JsonObject = {}): JsonObject => ({ name: "f", input_schema: SCHEMA, ...more });
const base64 = (type: string, media_type: string, data: string): JsonObject => ({
  type,
  source: { type: "base64", media_type, data },
});
const useResult = (result: JsonObject): JsonObject => ({
  messages: [
    { role: "user", content: "hi" },
    { role: "assistant", content: [{ type: "tool_use", id: "c", name: "f", input: {} }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "c", ...result }] },
  ],
});
const said = (...content: JsonObject[]): JsonObject => history({ role: "assistant", content });

const anthropic: Examples = {
  ...SHARED,
  stop: { stop_sequences: ["END"] },
  max_output_tokens: { max_tokens: 100 },
  json_schema: { output_config: { format: { type: "json_schema", schema: SCHEMA } } },
  function_tools: { tools: [tool()] },
  hosted_tools: { tools: [{ type: "memory_20250818", name: "memory" }] },
  hosted_web_search: { tools: [{ type: "web_search_20250305", name: "web_search" }] },
  hosted_web_fetch: { tools: [{ type: "web_fetch_20250910", name: "web_fetch" }] },
  hosted_code_execution: { tools: [{ type: "code_execution_20250825", name: "code_execution" }] },
  strict_tools: { tools: [tool({ strict: true })] },
  tool_choice_required: { tools: [tool()], tool_choice: { type: "any" } },
  tool_choice_named: { tools: [tool()], tool_choice: { type: "tool", name: "f" } },
  tool_choice_none: { tools: [tool()], tool_choice: { type: "none" } },
  parallel_tool_calls: { tools: [tool()], tool_choice: { type: "auto", disable_parallel_tool_use: true } },
  reasoning_effort: { output_config: { effort: "low" } },
  reasoning_budget: { thinking: { type: "enabled", budget_tokens: 2000 } },
  reasoning_text: said({ type: "thinking", thinking: "hm", signature: "c2ln" }),
  reasoning_state: said({ type: "redacted_thinking", data: "ZW5j" }),
  cache_marks: says({ type: "text", text: "hi", cache_control: { type: "ephemeral" } }),
  user: { metadata: { user_id: "u" } },
  metadata: { metadata: { a: "b" } },
  mid_system: MID_SYSTEM,
  image_data: says(base64("image", "image/png", PNG)),
  image_url: says({ type: "image", source: { type: "url", url: URL } }),
  document_data: says(base64("document", "application/pdf", PDF)),
  document_text: says({ type: "document", source: { type: "text", media_type: "text/plain", data: "words" } }),
  document_url: says({ type: "document", source: { type: "url", url: URL } }),
  file_id: says({ type: "document", source: { type: "file", file_id: "file_1" } }),
  tool_result_image: useResult({ content: [base64("image", "image/png", PNG)] }),
  tool_result_document: useResult({ content: [base64("document", "application/pdf", PDF)] }),
  tool_result_error: useResult({ content: "no", is_error: true }),
  citations: said({
    type: "text",
    text: "a",
    citations: [{ type: "web_search_result_location", url: URL, title: "t", cited_text: "a", encrypted_index: "ZW5j" }],
  }),
  opaque_parts: said({ type: "container_upload", file_id: "file_1" }),
};

/** Ollama's own fields stand under `options`. */
const options = (values: JsonObject): JsonObject => ({ options: values });
const ollamaSampling: Examples = {
  temperature: options({ temperature: 0.5 }),
  top_p: options({ top_p: 0.5 }),
  top_k: options({ top_k: 5 }),
  min_p: options({ min_p: 0.1 }),
  frequency_penalty: options({ frequency_penalty: 1 }),
  presence_penalty: options({ presence_penalty: 1 }),
  repeat_penalty: options({ repeat_penalty: 1.1 }),
  seed: options({ seed: 7 }),
  stop: options({ stop: ["END"] }),
  logprobs: { logprobs: true },
  max_output_tokens: options({ num_predict: 100 }),
  json_object: { format: "json" },
  json_schema: { format: SCHEMA },
  reasoning_effort: { think: "low" },
  unknown_fields: SHARED.unknown_fields,
};

const ollama: Examples = {
  ...ollamaSampling,
  function_tools: { tools: [nested()] },
  hosted_tools: { tools: [{ type: "future_tool" }] },
  reasoning_text: history({ role: "assistant", content: "a", thinking: "hm" }),
  mid_system: MID_SYSTEM,
  image_data: { messages: [{ role: "user", content: "hi", images: [PNG] }] },
  tool_result_image: history(
    { role: "assistant", content: "", tool_calls: [{ function: { name: "f", arguments: {} } }] },
    { role: "tool", tool_name: "f", content: "", images: [PNG] },
  ),
};

const configured = (generationConfig: JsonObject): JsonObject => ({ generationConfig });
const declared = { tools: [{ functionDeclarations: [{ name: "f", parametersJsonSchema: SCHEMA }] }] };
const calling = (functionCallingConfig: JsonObject): JsonObject => ({
  ...declared,
  toolConfig: { functionCallingConfig },
});
const turn = (...parts: JsonObject[]): JsonObject => ({ contents: [{ role: "user", parts }] });
const modelTurn = (...parts: JsonObject[]): JsonObject => ({
  contents: [
    { role: "user", parts: [{ text: "hi" }] },
    { role: "model", parts },
    { role: "user", parts: [{ text: "go on" }] },
  ],
});
const called = { functionCall: { id: "c", name: "f", args: {} } };
const responded = (more: JsonObject): JsonObject => ({
  contents: [
    { role: "user", parts: [{ text: "hi" }] },
    { role: "model", parts: [called] },
    { role: "user", parts: [{ functionResponse: { id: "c", name: "f", response: { result: "a" }, ...more } }] },
  ],
});
const inline = (mimeType: string, data: string): JsonObject => ({ inlineData: { mimeType, data } });

const gemini: Examples = {
  temperature: configured({ temperature: 0.5 }),
  top_p: configured({ topP: 0.5 }),
  top_k: configured({ topK: 5 }),
  frequency_penalty: configured({ frequencyPenalty: 1 }),
  presence_penalty: configured({ presencePenalty: 1 }),
  seed: configured({ seed: 7 }),
  stop: configured({ stopSequences: ["END"] }),
  n: configured({ candidateCount: 2 }),
  logprobs: configured({ responseLogprobs: true, logprobs: 2 }),
  max_output_tokens: configured({ maxOutputTokens: 100 }),
  json_object: configured({ responseMimeType: "application/json" }),
  json_schema: configured({ responseMimeType: "application/json", responseJsonSchema: SCHEMA }),
  function_tools: declared,
  hosted_tools: { tools: [{ fileSearch: {} }] },
  hosted_web_search: { tools: [{ googleSearch: {} }] },
  hosted_web_fetch: { tools: [{ urlContext: {} }] },
  hosted_code_execution: { tools: [{ codeExecution: {} }] },
  tool_choice_required: calling({ mode: "ANY" }),
  tool_choice_named: calling({ mode: "ANY", allowedFunctionNames: ["f"] }),
  tool_choice_none: calling({ mode: "NONE" }),
  tool_choice_allowed: calling({ mode: "ANY", allowedFunctionNames: ["f", "g"] }),
  reasoning_effort: configured({ thinkingConfig: { thinkingLevel: "LOW" } }),
  reasoning_budget: configured({ thinkingConfig: { thinkingBudget: 2000 } }),
  reasoning_text: modelTurn({ text: "hm", thought: true }, { text: "a" }),
  reasoning_state: modelTurn({ ...called, thoughtSignature: "c2ln" }),
  image_data: turn(inline("image/png", PNG)),
  image_url: turn({ fileData: { mimeType: "image/png", fileUri: URL } }),
  document_data: turn(inline("application/pdf", PDF)),
  document_url: turn({ fileData: { mimeType: "application/pdf", fileUri: URL } }),
  audio: turn(inline("audio/wav", "AAAA")),
  tool_result_image: responded({ parts: [inline("image/png", PNG)] }),
  tool_result_document: responded({ parts: [inline("application/pdf", PDF)] }),
  tool_result_error: responded({ response: { error: "no" } }),
  opaque_parts: modelTurn({ executableCode: { language: "PYTHON", code: "1" } }),
  unknown_fields: SHARED.unknown_fields,
};

export const FEATURE_EXAMPLES: Partial<Record<Dialect, Examples>> = {
  openai,
  "openai-completions": completions,
  "openai-responses": responses,
  anthropic,
  gemini,
  ollama,
  "ollama-generate": { ...ollamaSampling, image_data: { images: [PNG] } },
};
