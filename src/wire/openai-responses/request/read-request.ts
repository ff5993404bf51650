import { asObject, asString, type JsonObject, objectsOf, setOwn } from "../../../core/json.ts";
import { type ChatRequest, EFFORTS, type Effort, emptyRequest, type OutputShape } from "../../../core/request.ts";
import type { Headers } from "../../format.ts";
import { sessionIn } from "../../session.ts";
import {
  arrayField,
  booleanField,
  invalid,
  numberField,
  objectField,
  requiredString,
  restOf,
  stringField,
} from "./fields.ts";
import { readInput } from "./read-items.ts";
import { readToolChoice, readTools } from "./read-tools.ts";

/** Fields that have a place of their own in a `ChatRequest`; all others go to `extra`. */
const KNOWN: ReadonlySet<string> = new Set(
  (
    "model input instructions tools tool_choice parallel_tool_calls temperature top_p top_logprobs max_output_tokens " +
    "text reasoning prompt_cache_key metadata safety_identifier stream plugins"
  ).split(" "),
);

/** Fields that name a conversation kept elsewhere, so that `input` may be missing. */
const ELSEWHERE = ["previous_response_id", "conversation", "prompt"];

export function readRequest(body: JsonObject, headers: Headers): ChatRequest {
  const request = emptyRequest("openai-responses", requiredString(body, "model"));
  request.extra = restOf(body, KNOWN) ?? {};
  const hasInput = body["input"] !== undefined && body["input"] !== null;
  if (!hasInput && !ELSEWHERE.some((field) => request.extra[field] !== undefined))
    throw invalid("input", "is required");
  const input = readInput(body["input"]);
  const instructions = stringField(body, "instructions");
  if (instructions) request.system.push({ type: "text", text: instructions });
  request.system.push(...input.system);
  request.messages = input.messages;
  for (const [what, item] of Object.entries(input.missing)) setOwn(request.extra, `input.${what}`, item);
  readToolFields(body, request);
  readSampling(body, request);
  readText({ ...objectField(body, "text"), ...asObject(input.configuration?.["text"]) }, request);
  readReasoning({ ...objectField(body, "reasoning"), ...asObject(input.configuration?.["reasoning"]) }, request);
  readIdentity(body, headers, request);
  request.stream = booleanField(body, "stream") ?? false;
  request.includeUsage = true;
  request.plugins = objectsOf(body["plugins"]).flatMap(({ id, ...settings }) =>
    typeof id === "string" ? [{ id, settings }] : [],
  );
  return request;
}

function readToolFields(body: JsonObject, request: ChatRequest): void {
  arrayField(body, "tools");
  request.tools = readTools(body);
  const choice = readToolChoice(body);
  if (choice !== undefined) request.toolChoice = choice;
  else if (asObject(body["tool_choice"]) !== undefined) request.extra["tool_choice"] = body["tool_choice"];
  const parallel = booleanField(body, "parallel_tool_calls");
  if (parallel !== undefined) request.parallelToolCalls = parallel;
}

function readSampling(body: JsonObject, request: ChatRequest): void {
  const { sampling } = request;
  const temperature = numberField(body, "temperature");
  const topP = numberField(body, "top_p");
  const topLogprobs = numberField(body, "top_logprobs");
  const limit = numberField(body, "max_output_tokens");
  if (temperature !== undefined) sampling.temperature = temperature;
  if (topP !== undefined) sampling.topP = topP;
  if (topLogprobs !== undefined) sampling.topLogprobs = topLogprobs;
  if (arrayField(body, "include")?.includes("message.output_text.logprobs")) sampling.logprobs = true;
  if (limit === undefined) return;
  if (!Number.isInteger(limit) || limit < 1) throw invalid("max_output_tokens", "must be a positive integer");
  request.maxOutputTokens = limit;
}

function readText(text: JsonObject, request: ChatRequest): void {
  const verbosity = stringField(text, "verbosity", "text.verbosity");
  if (verbosity !== undefined) request.verbosity = verbosity;
  const format = objectField(text, "format", "text.format");
  const shape = format === undefined ? undefined : readFormat(format);
  if (shape !== undefined) request.output = shape;
  const rest = restOf(text, new Set(["verbosity", "format"]));
  if (rest !== undefined) request.extra["text"] = rest;
}

function readFormat(format: JsonObject): OutputShape | undefined {
  switch (format["type"]) {
    case "text":
      return undefined;
    case "json_object":
      return { kind: "json" };
    case "json_schema": {
      const schema = objectField(format, "schema", "text.format.schema");
      if (schema === undefined) throw invalid("text.format.schema", "is required");
      const shape: OutputShape = { kind: "json_schema", schema };
      const name = stringField(format, "name", "text.format.name");
      const description = stringField(format, "description", "text.format.description");
      const strict = booleanField(format, "strict");
      if (name !== undefined) shape.name = name;
      if (description !== undefined) shape.description = description;
      if (strict !== undefined) shape.strict = strict;
      return shape;
    }
    default:
      throw invalid("text.format.type", "must be text, json_object or json_schema");
  }
}

function readReasoning(reasoning: JsonObject, request: ChatRequest): void {
  const effort = stringField(reasoning, "effort", "reasoning.effort");
  const display = stringField(reasoning, "summary", "reasoning.summary") ?? asString(reasoning["generate_summary"]);
  const known = new Set(["summary", "generate_summary"]);
  if (effort === undefined || isEffort(effort)) known.add("effort");
  if (display !== undefined || isEffort(effort)) {
    request.reasoning = {
      ...(isEffort(effort) && { effort }),
      ...(display !== undefined && { display }),
    };
  }
  const rest = restOf(reasoning, known);
  if (rest !== undefined) request.extra["reasoning"] = rest;
}

function isEffort(value: string | undefined): value is Effort {
  return EFFORTS.some((effort) => effort === value);
}

function readIdentity(body: JsonObject, headers: Headers, request: ChatRequest): void {
  const { identity } = request;
  const user = stringField(body, "safety_identifier");
  if (user !== undefined) identity.user = user;
  else if (typeof request.extra["user"] === "string") {
    identity.user = request.extra["user"];
    delete request.extra["user"];
  }
  const metadata = objectField(body, "metadata");
  if (metadata !== undefined) identity.metadata = metadata;
  const key = stringField(body, "prompt_cache_key");
  if (key !== undefined) request.cache.key = key;
  const session = sessionIn(headers) ?? key;
  if (session !== undefined) identity.session = session;
}
