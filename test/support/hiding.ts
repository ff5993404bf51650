import type { JsonObject } from "../../src/core/json.ts";
import type { ClientFormat } from "./clients/heard.ts";
import type { UpstreamFormat } from "./upstream/answer.ts";

/** What may not reach a provider. */
export const MAIL = "canary.mail+x@private.example";
export const CARD = "4111 1111 1111 1111";
/** Not written out: whoever scans the repository for keys would find it. */
export const PEM = `-----BEGIN ${"PRIVATE"} KEY-----\nMIIEcanarycanary\n-----END ${"PRIVATE"} KEY-----`;
export const EMPLOYEE = "emp-471100";
export const CANARIES = ["canary", CARD, "4111", EMPLOYEE, encodeURIComponent(MAIL)];
export const ALL = `${MAIL} ${CARD} ${EMPLOYEE}\n${PEM}`;

const SCHEMA = {
  type: "object",
  description: MAIL,
  properties: { to: { type: "string", description: `as ${EMPLOYEE}`, enum: [MAIL, "nobody"] } },
};
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const IMAGE = `https://img.example/${EMPLOYEE}.png`;
const ARGS = JSON.stringify({ to: MAIL, [MAIL]: [{ card: 4111111111111111, key: PEM }], password: "canary-7!" });

/** Requests of each API with something to hide wherever there is text: where they go, their path, their body. */
export const FULL_REQUESTS: [UpstreamFormat, string, JsonObject][] = [
  [
    "openai",
    "/v1/chat/completions",
    {
      model: "to-openai:m",
      user: MAIL,
      metadata: { mail: MAIL },
      prompt_cache_key: MAIL,
      stop: [MAIL],
      prediction: { type: "content", content: MAIL },
      of_a_later_version: { deep: [MAIL] },
      response_format: { type: "json_schema", json_schema: { name: "n", description: MAIL, schema: SCHEMA } },
      tools: [
        { type: "function", function: { name: "look", description: ALL, parameters: SCHEMA } },
        { type: "custom", custom: { name: "free", description: ALL } },
      ],
      messages: [
        { role: "system", content: [{ type: "text", text: ALL }] },
        {
          role: "user",
          name: MAIL,
          content: [
            { type: "text", text: ALL },
            { type: "image_url", image_url: { url: IMAGE } },
          ],
        },
        {
          role: "assistant",
          content: ALL,
          refusal: null,
          reasoning_content: ALL,
          tool_calls: [
            { id: "c1", type: "function", function: { name: "look", arguments: ARGS } },
            { id: "c2", type: "custom", custom: { name: "free", input: ALL } },
            { id: "c3", type: "function", function: { name: "look", arguments: `{"cut": "${MAIL}` } },
          ],
        },
        { role: "tool", tool_call_id: "c1", content: ALL },
        { role: "tool", tool_call_id: "c2", content: [{ type: "text", text: ALL }] },
        { role: "tool", tool_call_id: "c3", content: JSON.stringify({ password: "canary-7!", text: ALL }) },
        { role: "assistant", content: null, refusal: ALL },
        { role: "user", content: "go on" },
      ],
    },
  ],
  [
    "anthropic",
    "/v1/messages",
    {
      model: "to-anthropic:m",
      max_tokens: 4000,
      metadata: { user_id: MAIL },
      stop_sequences: [MAIL],
      of_a_later_version: { deep: [MAIL] },
      mcp_servers: [{ type: "url", name: "m", url: "https://mcp.example", authorization_token: "canary-7!" }],
      system: [{ type: "text", text: ALL, cache_control: { type: "ephemeral" } }],
      tools: [
        { name: "look", description: ALL, input_schema: SCHEMA, input_examples: [{ to: MAIL }] },
        { type: "web_search_20250305", name: "web_search", user_location: { type: "approximate", city: MAIL } },
      ],
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: ALL },
            { type: "image", source: { type: "url", url: IMAGE } },
            {
              type: "document",
              title: MAIL,
              context: MAIL,
              source: { type: "text", media_type: "text/plain", data: ALL },
            },
            { type: "search_result", source: IMAGE, title: MAIL, content: [{ type: "text", text: ALL }] },
            { type: "of_a_later_version", text: ALL },
          ],
        },
        {
          role: "assistant",
          content: [
            // Signed where values may be seen.
            { type: "thinking", thinking: `hm, ${MAIL}`, signature: "c2lnbmVk" },
            {
              type: "text",
              text: ALL,
              citations: [
                { type: "web_search_result_location", url: IMAGE, title: MAIL, cited_text: MAIL, encrypted_index: "x" },
              ],
            },
            { type: "server_tool_use", id: "s1", name: "web_search", input: { query: MAIL } },
            {
              type: "web_search_tool_result",
              tool_use_id: "s1",
              content: [{ type: "web_search_result", url: IMAGE, title: MAIL, encrypted_content: "x" }],
            },
            { type: "tool_use", id: "c1", name: "look", input: JSON.parse(ARGS) },
          ],
        },
        {
          role: "user",
          content: [
            {
              type: "tool_result",
              tool_use_id: "c1",
              content: [
                { type: "text", text: ALL },
                { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } },
              ],
            },
            { type: "text", text: "go on" },
          ],
        },
      ],
    },
  ],
  [
    "openai-responses",
    "/v1/responses",
    {
      model: "to-openai-responses:m",
      instructions: ALL,
      user: MAIL,
      safety_identifier: MAIL,
      metadata: { mail: MAIL },
      prompt_cache_key: MAIL,
      of_a_later_version: { deep: [MAIL] },
      text: { format: { type: "json_schema", name: "n", description: MAIL, schema: SCHEMA } },
      tools: [
        { type: "function", name: "look", description: ALL, parameters: SCHEMA, strict: false },
        { type: "mcp", server_label: "m", server_url: "https://mcp.example", headers: { authorization: "canary-7!" } },
      ],
      input: [
        { role: "developer", content: ALL },
        {
          role: "user",
          content: [
            { type: "input_text", text: ALL },
            { type: "input_image", image_url: IMAGE },
            { type: "input_file", filename: `${EMPLOYEE}.pdf`, file_url: `https://h.example/${EMPLOYEE}.pdf` },
          ],
        },
        { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: ALL }], encrypted_content: "gAAA" },
        {
          type: "message",
          role: "assistant",
          content: [
            {
              type: "output_text",
              text: ALL,
              annotations: [{ type: "url_citation", url: IMAGE, title: MAIL, start_index: 0, end_index: 5 }],
            },
          ],
        },
        { type: "function_call", call_id: "c1", name: "look", arguments: ARGS },
        { type: "function_call_output", call_id: "c1", output: ALL },
        { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: MAIL } },
        { role: "user", content: "go on" },
      ],
    },
  ],
  [
    "gemini",
    "/v1beta/models/to-gemini:m:generateContent",
    {
      systemInstruction: { parts: [{ text: ALL }] },
      generationConfig: { stopSequences: [MAIL], responseMimeType: "application/json", responseJsonSchema: SCHEMA },
      ofALaterVersion: { deep: [MAIL] },
      labels: { mail: MAIL },
      tools: [{ functionDeclarations: [{ name: "look", description: ALL, parametersJsonSchema: SCHEMA }] }],
      contents: [
        { role: "user", parts: [{ text: ALL }, { fileData: { fileUri: IMAGE, mimeType: "image/png" } }] },
        {
          role: "model",
          parts: [
            { text: ALL, thought: true },
            { text: ALL },
            { functionCall: { id: "c1", name: "look", args: JSON.parse(ARGS) } },
            { executableCode: { language: "PYTHON", code: ALL } },
          ],
        },
        {
          role: "user",
          parts: [{ functionResponse: { id: "c1", name: "look", response: { output: ALL } } }, { text: "go on" }],
        },
      ],
    },
  ],
];

/** A request of one user message. */
export function plain(client: ClientFormat, model: string, text: string): JsonObject {
  const messages = [{ role: "user", content: text }];
  switch (client) {
    case "openai-responses":
      return { model, input: text };
    case "anthropic":
      return { model, max_tokens: 4000, messages };
    case "gemini":
      return { model, contents: [{ role: "user", parts: [{ text }] }] };
    case "openai-completions":
    case "ollama-generate":
      return { model, prompt: text };
    default:
      return { model, messages };
  }
}
