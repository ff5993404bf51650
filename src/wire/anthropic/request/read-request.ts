import { asArray, asObject, asString, isObject, type Json, type JsonObject, setOwn } from "../../../core/json.ts";
import type { Part } from "../../../core/part.ts";
import { type ChatRequest, EFFORTS, type Effort, emptyRequest, type Message } from "../../../core/request.ts";
import type { Headers } from "../../format.ts";
import { sessionIn } from "../../session.ts";
import { booleanField, numberField, objectField, refuse, stringField } from "./fields.ts";
import { cacheOf, readContent } from "./read-content.ts";
import { readToolChoice, readTools } from "./read-tools.ts";

/** Reads a Messages request. `max_tokens` may be missing: count_tokens has none. */
export function readRequest(body: JsonObject, headers: Headers): ChatRequest {
  const model = stringField(body, "model") ?? refuse("model", "Field required");
  const request = emptyRequest("anthropic", model);
  request.stream = booleanField(body, "stream") ?? false;
  request.includeUsage = true;
  if (body["system"] !== undefined && body["system"] !== null) request.system = readContent(body["system"], "system");
  request.messages = readMessages(body["messages"]);
  readTools(body, request);
  readToolChoice(body, request);
  readSampling(body, request);
  readReasoning(body, request);
  readOutput(body, request);
  readIdentity(body, headers, request);
  readPlugins(body, request);
  const automatic = cacheOf(body);
  if (automatic) request.cache.automatic = automatic;
  for (const [key, value] of Object.entries(body)) if (!KNOWN.has(key)) setOwn(request.extra, key, value);
  return request;
}

const KNOWN = new Set([
  "model",
  "messages",
  "system",
  "max_tokens",
  "tools",
  "tool_choice",
  "temperature",
  "top_p",
  "top_k",
  "stop_sequences",
  "stream",
  "metadata",
  "thinking",
  "output_config",
  "output_format",
  "cache_control",
  "plugins",
]);

function readMessages(json: Json | undefined): Message[] {
  const list = asArray(json);
  if (!list) return refuse("messages", json === undefined ? "Field required" : "Input should be a valid list");
  if (list.length === 0) return refuse("messages", "at least one message is required");
  const messages: Message[] = [];
  const names = new Map<string, string>();
  for (const [index, entry] of list.entries()) {
    const path = `messages.${index}`;
    if (!isObject(entry)) return refuse(path, "Input should be an object");
    const role = asString(entry["role"]) ?? refuse(`${path}.role`, "Input should be 'user', 'assistant' or 'system'");
    const parts = readContent(entry["content"], `${path}.content`);
    nameResults(parts, names);
    if (role === "user" || role === "assistant" || role === "system")
      messages.push(...splitResults(role, parts, extraOf(entry)));
    // A role the API may have learnt since: classifiers see its words, its own providers the role.
    else messages.push({ role: "user", parts, extra: { role, ...extraOf(entry) } });
  }
  return messages;
}

/** Ollama and Gemini pair results by the tool's name, which a tool_result does not carry. */
function nameResults(parts: readonly Part[], names: Map<string, string>): void {
  for (const part of parts) {
    if (part.type === "tool-call") names.set(part.id, part.name);
    if (part.type !== "tool-result") continue;
    const name = names.get(part.callId);
    if (name !== undefined) part.name = name;
  }
}

function splitResults(role: "user" | "assistant" | "system", parts: Part[], extra: JsonObject | undefined): Message[] {
  const rest: Message = { role, parts, ...(extra && { extra }) };
  if (role !== "user" || !parts.some((part) => part.type === "tool-result")) return [rest];
  rest.parts = parts.filter((part) => part.type !== "tool-result");
  const tool: Message = { role: "tool", parts: parts.filter((part) => part.type === "tool-result") };
  return rest.parts.length > 0 || extra ? [tool, rest] : [tool];
}

function extraOf({ role: _role, content: _content, ...extra }: JsonObject): JsonObject | undefined {
  return Object.keys(extra).length > 0 ? extra : undefined;
}

function readSampling(body: JsonObject, request: ChatRequest): void {
  const { sampling } = request;
  const maxTokens = numberField(body, "max_tokens");
  const temperature = numberField(body, "temperature");
  const topP = numberField(body, "top_p");
  const topK = numberField(body, "top_k");
  if (maxTokens !== undefined) request.maxOutputTokens = maxTokens;
  if (maxTokens === 0) {
    // It only warms Anthropic's prompt cache; the shortest answer is the nearest others have.
    request.maxOutputTokens = 1;
    request.extra["max_tokens"] = 0;
  }
  if (temperature !== undefined) sampling.temperature = temperature;
  if (topP !== undefined) sampling.topP = topP;
  if (topK !== undefined) sampling.topK = topK;
  const stop = body["stop_sequences"];
  if (stop === undefined || stop === null) return;
  if (!Array.isArray(stop)) return refuse("stop_sequences", "Input should be a valid list");
  const sequences = stop.map((sequence, index) =>
    typeof sequence === "string" ? sequence : refuse(`stop_sequences.${index}`, "Input should be a valid string"),
  );
  if (sequences.length > 0) sampling.stop = sequences;
}

function readReasoning(body: JsonObject, request: ChatRequest): void {
  const thinking = objectField(body, "thinking");
  const budget = thinking && numberField(thinking, "budget_tokens", "thinking.budget_tokens");
  const display = thinking && stringField(thinking, "display", "thinking.display");
  const effort = turnEffort(request.messages) ?? effortIn(body);
  const mode = MODES.get(asString(thinking?.["type"]) ?? "");
  // A kind of thinking newer than this router goes through to Anthropic as it is.
  if (thinking && !mode) request.extra["thinking"] = thinking;
  if (!mode && !effort) return;
  request.reasoning = {
    ...(effort && { effort }),
    ...(mode && { mode }),
    ...(mode === "on" && budget !== undefined && { budgetTokens: budget }),
    ...(mode && display !== undefined && { display }),
  };
}

function effortIn(owner: JsonObject | undefined): Effort | undefined {
  return EFFORTS.find((level) => level === asObject(owner?.["output_config"])?.["effort"]);
}

/** A system message in mid-conversation may set another effort from there on; other APIs have one for the whole request. */
function turnEffort(messages: readonly Message[]): Effort | undefined {
  return effortIn(messages.findLast((message) => effortIn(message.extra) !== undefined)?.extra);
}

const MODES = new Map<string, "on" | "adaptive" | "off">([
  ["enabled", "on"],
  ["adaptive", "adaptive"],
  ["disabled", "off"],
]);

function readOutput(body: JsonObject, request: ChatRequest): void {
  const config = objectField(body, "output_config") ?? {};
  // `output_format` is the beta's name of what became `output_config.format`.
  const format = objectField(config, "format", "output_config.format") ?? objectField(body, "output_format");
  const schema = format && objectField(format, "schema", "output_config.format.schema");
  if (format?.["type"] === "json_schema" && schema) request.output = { kind: "json_schema", schema };
  const rest: JsonObject = {};
  for (const [key, value] of Object.entries(config)) {
    if (key === "format" && request.output) continue;
    if (key === "effort" && (value === null || value === request.reasoning?.effort)) continue;
    setOwn(rest, key, value);
  }
  if (Object.keys(rest).length > 0) request.extra["output_config"] = rest;
}

function readIdentity(body: JsonObject, headers: Headers, request: ChatRequest): void {
  const { user_id: _, ...rest } = objectField(body, "metadata") ?? {};
  const user = stringField(objectField(body, "metadata") ?? {}, "user_id", "metadata.user_id");
  const session = sessionIn(headers);
  if (user !== undefined) request.identity.user = user;
  if (Object.keys(rest).length > 0) request.identity.metadata = rest;
  if (session !== undefined) request.identity.session = session;
}

function readPlugins(body: JsonObject, request: ChatRequest): void {
  const list = body["plugins"];
  if (list === undefined || list === null) return;
  if (!Array.isArray(list)) return refuse("plugins", "Input should be a valid list");
  for (const [index, entry] of list.entries()) {
    const { id, ...settings } = asObject(entry) ?? {};
    const name = asString(id);
    if (name === undefined) return refuse(`plugins.${index}.id`, "Field required");
    request.plugins.push({ id: name, settings });
  }
}
