import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { JsonObject } from "../../../src/core/json.ts";
import type { Heard } from "../../support/clients/heard.ts";
import { type CHAT_CLIENTS, type Feature, finishWord, lost, type Pair } from "../feature.ts";

const SCHEMA = {
  type: "object",
  properties: { zone: { type: "string", description: "IANA name" }, at: { type: "number" } },
  required: ["zone"],
};
const DECLARED = { name: "clock", description: "Tells the time.", schema: SCHEMA };

/** The tool as each client declares it, and further fields. */
export function withTools(extra: Partial<Record<(typeof CHAT_CLIENTS)[number], JsonObject>> = {}): Feature["ask"] {
  const { name, description } = DECLARED;
  const chat = [{ type: "function", function: { name, description, parameters: SCHEMA } }];
  return {
    openai: { tools: chat, ...extra.openai },
    "openai-responses": {
      tools: [responsesTool()],
      ...extra["openai-responses"],
    },
    anthropic: { tools: [anthropicTool()], ...extra.anthropic },
    ollama: { tools: chat, ...extra.ollama },
    gemini: { tools: [{ functionDeclarations: [geminiTool()] }], ...extra.gemini },
  };
}

/** The calls of an answer; ids are the client's to see, whatever they are, but each its own. */
function expectCalls(heard: Heard, pair: Pair, calls: [name: string, args: JsonObject][]): void {
  equal(heard.error?.message, undefined);
  // Where the bytes pass through, a call without arguments may come as the provider wrote it.
  const got = heard.toolCalls.map((call) => [call.name, JSON.parse(call.args === "" && pair.same ? "{}" : call.args)]);
  deepEqual(got, calls);
  const ids = new Set(heard.toolCalls.map((call) => call.id));
  if (pair.client !== "ollama") equal(ids.size, calls.length, "two calls share an id");
  match(heard.finish ?? "", finishWord(pair.client, "tool_calls"));
}

const CALL_1 = { id: "call_1", name: "clock", args: '{"zone":"Europe/Berlin","at":1.50}' };
const CALL_2 = { id: "call_2", name: "clock", args: '{"zone":"Asia/Tokyo"}' };
const BOTH: [string, JsonObject][] = [
  ["clock", { zone: "Europe/Berlin", at: 1.5 }],
  ["clock", { zone: "Asia/Tokyo" }],
];

export const TOOLS: Feature[] = [
  {
    name: "a tool declared, one call",
    answer: { toolCalls: [CALL_1] },
    ask: withTools(),
    seen: (seen) => equal(JSON.stringify(seen.tools), JSON.stringify([DECLARED])),
    heard: (heard, pair) => expectCalls(heard, pair, BOTH.slice(0, 1)),
  },
  {
    name: "text, then two parallel calls",
    answer: { text: "Let me look.", toolCalls: [CALL_1, CALL_2] },
    ask: withTools(),
    heard(heard, pair) {
      expectCalls(heard, pair, BOTH);
      equal(heard.text, "Let me look.");
    },
  },
  {
    name: "two parallel calls whose deltas take turns",
    only: "stream",
    answer: { toolCalls: [CALL_1, CALL_2], stream: { interleave: true } },
    ask: withTools(),
    heard: (heard, pair) => expectCalls(heard, pair, BOTH),
  },
  {
    name: "a call without arguments",
    answer: { toolCalls: [{ id: "call_1", name: "now", args: "" }] },
    ask: withTools(),
    heard: (heard, pair) => expectCalls(heard, pair, [["now", {}]]),
  },
  {
    name: "the output limit met inside a call",
    answer: { toolCalls: [CALL_1], finish: "length" },
    ask: withTools(),
    heard(heard, pair) {
      equal(heard.error?.message, undefined);
      // The arguments may be cut off: no client may take the call for a finished one.
      match(heard.finish ?? "", finishWord(pair.client, "length"));
    },
  },
  {
    name: "tool_choice auto",
    ask: withTools({
      openai: { tool_choice: "auto" },
      "openai-responses": { tool_choice: "auto" },
      anthropic: { tool_choice: { type: "auto" } },
      gemini: calling({ mode: "AUTO" }),
    }),
    seen: (seen) => match(seen.toolChoice ?? "auto", /^auto$/),
  },
  {
    name: "tool_choice none",
    ask: choice("none", { type: "none" }, { mode: "NONE" }),
    seen(seen, pair) {
      if (pair.provider === "ollama") deepEqual(seen.tools, []);
      else equal(seen.toolChoice, "none");
    },
    losses: (pair) => (pair.provider === "ollama" ? { may: [/tool/] } : {}),
  },
  {
    name: "tool_choice required",
    ask: choice("required", { type: "any" }, { mode: "ANY" }),
    losses: (pair) => lost(pair, /tool_choice|functionCallingConfig/, "ollama"),
    seen: (seen, pair) => equal(seen.toolChoice, pair.provider === "ollama" ? undefined : "required"),
  },
  {
    name: "tool_choice of one tool",
    ask: withTools({
      openai: { tool_choice: { type: "function", function: { name: "clock" } } },
      "openai-responses": { tool_choice: { type: "function", name: "clock" } },
      anthropic: { tool_choice: { type: "tool", name: "clock" } },
      gemini: calling({ mode: "ANY", allowedFunctionNames: ["clock"] }),
    }),
    losses: (pair) => (pair.client === "ollama" ? {} : lost(pair, /tool_choice|functionCallingConfig/, "ollama")),
    seen(seen, pair) {
      const chosen = pair.provider === "ollama" || pair.client === "ollama" ? undefined : "tool:clock";
      equal(seen.toolChoice, chosen);
    },
  },
  {
    name: "parallel calls off",
    ask: withTools({
      openai: { parallel_tool_calls: false },
      "openai-responses": { parallel_tool_calls: false },
      anthropic: { tool_choice: { type: "auto", disable_parallel_tool_use: true } },
    }),
    losses: (pair) => (cannotSay(pair) ? {} : lost(pair, /parallel/, "gemini", "ollama")),
    seen(seen, pair) {
      equal(seen.parallel, /gemini|ollama/.test(pair.provider) || cannotSay(pair) ? undefined : false);
    },
  },
];

/** Each client's own search on the web, which its provider runs. */
const SEARCH = {
  "openai-responses": { type: "web_search" },
  anthropic: { type: "web_search_20250305", name: "web_search" },
  gemini: { googleSearch: {} },
};

export const HOSTED_TOOLS: Feature[] = [
  {
    name: "a hosted tool beside others",
    ask: {
      "openai-responses": { tools: [SEARCH["openai-responses"], responsesTool()] },
      anthropic: { tools: [SEARCH.anthropic, anthropicTool()] },
      gemini: { tools: [SEARCH.gemini, { functionDeclarations: [geminiTool()] }] },
    },
    losses: (pair) => (pair.same || isTwin(pair) ? {} : { must: [/tools\[0\]/] }),
    seen: (seen) => ok(seen.tools.some((tool) => tool["name"] === "clock")),
  },
  {
    name: "a hosted tool alone",
    ask: {
      "openai-responses": { tools: [SEARCH["openai-responses"]] },
      anthropic: { tools: [SEARCH.anthropic] },
      gemini: { tools: [SEARCH.gemini] },
    },
    refused: (pair) => (pair.same || isTwin(pair) ? undefined : /tools/),
  },
];

/** Their searches on the web are alike. */
function isTwin(pair: Pair): boolean {
  return ["openai-responses", "anthropic", "gemini"].includes(pair.provider);
}

function responsesTool(): JsonObject {
  return {
    type: "function",
    name: DECLARED.name,
    description: DECLARED.description,
    parameters: SCHEMA,
    strict: false,
  };
}

function geminiTool(): JsonObject {
  return { name: DECLARED.name, description: DECLARED.description, parametersJsonSchema: SCHEMA };
}

function anthropicTool(): JsonObject {
  return { name: DECLARED.name, description: DECLARED.description, input_schema: SCHEMA };
}

function calling(functionCallingConfig: JsonObject): JsonObject {
  return { toolConfig: { functionCallingConfig } };
}

/** Clients that cannot ask for one call at a time. */
function cannotSay(pair: Pair): boolean {
  return pair.client === "ollama" || pair.client === "gemini";
}

function choice(openai: string, anthropic: JsonObject, gemini: JsonObject): Feature["ask"] {
  const { ollama: _, ...ask } = withTools({
    openai: { tool_choice: openai },
    "openai-responses": { tool_choice: openai },
    anthropic: { tool_choice: anthropic },
    gemini: calling(gemini),
  });
  return ask;
}
