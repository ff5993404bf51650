import { asBoolean, asNumber, asObject, asString, isObject, type JsonObject } from "../../../core/json.ts";
import {
  type ChatRequest,
  EFFORTS,
  emptyRequest,
  type OutputShape,
  type Reasoning,
  type Sampling,
} from "../../../core/request.ts";
import type { Headers } from "../../format.ts";
import { sessionIn } from "../../session.ts";
import {
  badField,
  booleanField,
  numberField,
  objectEntry,
  objectField,
  readPlugins,
  remainder,
  stringField,
} from "./fields.ts";
import { readMessages } from "./read-messages.ts";
import { readToolChoice, readTools } from "./read-tools.ts";

/** Field of the body → field of `Sampling`. The second half are words of compatible servers (vLLM, llama.cpp, OpenRouter). */
const SAMPLING = [
  ["temperature", "temperature"],
  ["top_p", "topP"],
  ["frequency_penalty", "frequencyPenalty"],
  ["presence_penalty", "presencePenalty"],
  ["seed", "seed"],
  ["n", "n"],
  ["top_logprobs", "topLogprobs"],
  ["top_k", "topK"],
  ["min_p", "minP"],
  ["repeat_penalty", "repeatPenalty"],
  ["repetition_penalty", "repeatPenalty"],
] as const;

const KNOWN: ReadonlySet<string> = new Set([
  ...SAMPLING.map(([field]) => field),
  ..."model messages stream stream_options max_tokens max_completion_tokens stop logprobs logit_bias".split(" "),
  ..."tools functions web_search_options tool_choice function_call parallel_tool_calls response_format reasoning_effort reasoning".split(
    " ",
  ),
  ..."verbosity prompt_cache_key user safety_identifier metadata plugins".split(" "),
]);

export function readRequest(body: JsonObject, headers: Headers): ChatRequest {
  const model = stringField(body, "model");
  if (!model) throw badField("model", "must be the name of a model");
  const request = emptyRequest("openai", model);
  readMessages(body, request);
  request.tools = readTools(body);
  const toolChoice = readToolChoice(body);
  if (toolChoice) request.toolChoice = toolChoice;
  // A client that declares `functions` has room for one `function_call` in an answer.
  const parallel = body["functions"] && !body["tools"] ? false : booleanField(body, "parallel_tool_calls");
  if (parallel !== undefined) request.parallelToolCalls = parallel;
  request.sampling = readSampling(body);
  const limit = numberField(body, "max_completion_tokens") ?? numberField(body, "max_tokens");
  if (limit !== undefined) request.maxOutputTokens = limit;
  readIdentity(body, headers, request);
  const verbosity = stringField(body, "verbosity");
  if (verbosity !== undefined) request.verbosity = verbosity;
  request.plugins = readPlugins(body);
  request.extra = remainder(body, KNOWN);
  if (!toolChoice && isObject(body["tool_choice"])) request.extra["tool_choice"] = body["tool_choice"];
  readStreaming(body, request);
  readOutput(body, request);
  readReasoning(body, request);
  return request;
}

/** Sampling fields, shared with the legacy completions endpoint. */
export function readSampling(body: JsonObject): Sampling {
  const sampling: Sampling = {};
  for (const [field, key] of SAMPLING) {
    const value = numberField(body, field);
    if (value !== undefined) sampling[key] = value;
  }
  const stop = readStop(body);
  if (stop) sampling.stop = stop;
  if (typeof body["logprobs"] === "boolean") sampling.logprobs = body["logprobs"];
  const bias = objectField(body, "logit_bias");
  if (bias && Object.keys(bias).length > 0) sampling.logitBias = bias;
  return sampling;
}

function readStop(body: JsonObject): string[] | undefined {
  const stop = body["stop"];
  if (stop === undefined || stop === null) return undefined;
  const list = Array.isArray(stop) ? stop : [stop];
  const texts = list.filter((entry) => typeof entry === "string");
  if (texts.length !== list.length) throw badField("stop", "must be a string or an array of strings");
  return texts.length > 0 ? texts : undefined;
}

export function readIdentity(body: JsonObject, headers: Headers, request: ChatRequest): void {
  const user = stringField(body, "user") ?? stringField(body, "safety_identifier");
  if (user !== undefined) request.identity.user = user;
  const metadata = objectField(body, "metadata");
  if (metadata) request.identity.metadata = metadata;
  const key = stringField(body, "prompt_cache_key");
  if (key !== undefined) request.cache.key = key;
  const session = sessionIn(headers) ?? key;
  if (session !== undefined) request.identity.session = session;
}

export function readStreaming(body: JsonObject, request: ChatRequest): void {
  request.stream = booleanField(body, "stream") ?? false;
  const options = objectField(body, "stream_options");
  if (!options) return;
  const { include_usage, ...rest } = options;
  request.includeUsage = request.stream && asBoolean(include_usage) === true;
  if (Object.keys(rest).length > 0) request.extra["stream_options"] = rest;
}

function readOutput(body: JsonObject, request: ChatRequest): void {
  const format = objectField(body, "response_format");
  if (!format || format["type"] === "text") return;
  const output = readFormat(format);
  if (output) request.output = output;
  else request.extra["response_format"] = format;
}

function readFormat(format: JsonObject): OutputShape | undefined {
  // llama.cpp takes a schema beside `json_object`.
  const bare = asObject(format["schema"]);
  if (format["type"] === "json_object") return bare ? { kind: "json_schema", schema: bare } : { kind: "json" };
  if (format["type"] !== "json_schema") return undefined;
  const wrapper = objectEntry(format["json_schema"] ?? null, "response_format.json_schema");
  const at = "response_format.json_schema";
  const name = stringField(wrapper, "name", `${at}.name`);
  const description = stringField(wrapper, "description", `${at}.description`);
  const strict = booleanField(wrapper, "strict", `${at}.strict`);
  return {
    kind: "json_schema",
    schema: objectField(wrapper, "schema", `${at}.schema`) ?? {},
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  };
}

/** `reasoning_effort`, or OpenRouter's `reasoning` object. */
function readReasoning(body: JsonObject, request: ChatRequest): void {
  const { effort, max_tokens, enabled, ...rest } = objectField(body, "reasoning") ?? {};
  const reasoning: Reasoning = {};
  const wanted = stringField(body, "reasoning_effort") ?? asString(effort);
  const known = EFFORTS.find((name) => name === wanted);
  if (known) reasoning.effort = known;
  else if (wanted !== undefined) request.extra["reasoning_effort"] = wanted;
  const budget = asNumber(max_tokens);
  if (budget !== undefined) reasoning.budgetTokens = budget;
  const on = asBoolean(enabled);
  if (on !== undefined) reasoning.mode = on ? "on" : "off";
  if (Object.keys(reasoning).length > 0) request.reasoning = reasoning;
  if (Object.keys(rest).length > 0) request.extra["reasoning"] = rest;
}
