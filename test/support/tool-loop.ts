import type { JsonObject } from "../../src/core/json.ts";
import type { Heard } from "./clients/heard.ts";

/** Clients that talk in messages and can call tools. */
export const LOOP_CLIENTS = ["openai", "openai-responses", "anthropic", "ollama", "gemini"] as const;
export type LoopClient = (typeof LOOP_CLIENTS)[number];

const SCHEMA = { type: "object", properties: { city: { type: "string" } } };
const FUNCTION = { name: "look", description: "Looks.", parameters: SCHEMA };

const TOOLS: Record<LoopClient, JsonObject[]> = {
  openai: [{ type: "function", function: FUNCTION }],
  "openai-responses": [{ type: "function", ...FUNCTION, strict: false }],
  anthropic: [{ name: "look", description: "Looks.", input_schema: SCHEMA }],
  ollama: [{ type: "function", function: FUNCTION }],
  gemini: [{ functionDeclarations: [{ name: "look", description: "Looks.", parametersJsonSchema: SCHEMA }] }],
};

/** The first turn of a loop: a question, and a tool to answer it with. */
export function firstTurn(client: LoopClient, model: string, question: string, more: JsonObject = {}): JsonObject {
  const tools = TOOLS[client];
  const user = { role: "user", content: question };
  if (client === "openai-responses") return { model, tools, input: [user], ...more };
  if (client === "gemini") return { model, tools, contents: [{ role: "user", parts: [{ text: question }] }], ...more };
  if (client === "anthropic") return { model, tools, max_tokens: 4000, messages: [user], ...more };
  return { model, tools, messages: [user], ...more };
}

/** The next: what was heard, as clients write it that keep nothing of reasoning, and a result for each call. */
export function nextTurn(client: LoopClient, before: JsonObject, heard: Heard): JsonObject {
  const { input, messages, contents, ...rest } = before;
  const past: JsonObject[] = JSON.parse(JSON.stringify(input ?? messages ?? contents));
  const all = [...past, ...SAID[client](heard)];
  if (client === "openai-responses") return { ...rest, input: all };
  return client === "gemini" ? { ...rest, contents: all } : { ...rest, messages: all };
}

const SAID: Record<LoopClient, (heard: Heard) => JsonObject[]> = {
  openai: ({ text, toolCalls }) => [
    {
      role: "assistant",
      content: text,
      tool_calls: toolCalls.map(({ id, name, args }) => ({
        id,
        type: "function",
        function: { name, arguments: args },
      })),
    },
    ...toolCalls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: `result of ${id}` })),
  ],
  "openai-responses": ({ text, toolCalls }) => [
    ...(text === "" ? [] : [{ type: "message", role: "assistant", content: [{ type: "output_text", text }] }]),
    ...toolCalls.map(({ id, name, args }) => ({ type: "function_call", call_id: id, name, arguments: args })),
    ...toolCalls.map(({ id }) => ({ type: "function_call_output", call_id: id, output: `result of ${id}` })),
  ],
  anthropic: ({ text, toolCalls }) => [
    {
      role: "assistant",
      content: [
        ...(text === "" ? [] : [{ type: "text", text }]),
        ...toolCalls.map(({ id, name, args }) => ({ type: "tool_use", id, name, input: JSON.parse(args) })),
      ],
    },
    {
      role: "user",
      content: toolCalls.map(({ id }) => ({ type: "tool_result", tool_use_id: id, content: `result of ${id}` })),
    },
  ],
  ollama: ({ text, toolCalls }) => [
    {
      role: "assistant",
      content: text,
      tool_calls: toolCalls.map(({ id, name, args }) => ({ id, function: { name, arguments: JSON.parse(args) } })),
    },
    ...toolCalls.map(({ id, name }) => ({
      role: "tool",
      tool_name: name,
      tool_call_id: id,
      content: `result of ${id}`,
    })),
  ],
  gemini: ({ text, toolCalls }) => [
    {
      role: "model",
      parts: [
        ...(text === "" ? [] : [{ text }]),
        ...toolCalls.map(({ id, name, args }) => ({ functionCall: { id, name, args: JSON.parse(args) } })),
      ],
    },
    ...(toolCalls.length === 0 ? [] : [{ role: "user", parts: toolCalls.map(functionResponse) }]),
  ],
};

function functionResponse({ id, name }: Heard["toolCalls"][number]): JsonObject {
  return { functionResponse: { id, name, response: { output: `result of ${id}` } } };
}
