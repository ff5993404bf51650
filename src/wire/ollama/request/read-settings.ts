import { isObject, type Json, type JsonObject } from "../../../core/json.ts";
import {
  type ChatRequest,
  EFFORTS,
  type Effort,
  type OutputShape,
  type PluginCall,
  type Reasoning,
  type Sampling,
} from "../../../core/request.ts";
import { booleanField, numberField, objectField, objectList, refuse, requiredString, stringList } from "../fields.ts";

const NUMBERS = {
  temperature: "temperature",
  top_p: "topP",
  top_k: "topK",
  min_p: "minP",
  frequency_penalty: "frequencyPenalty",
  presence_penalty: "presencePenalty",
  repeat_penalty: "repeatPenalty",
  seed: "seed",
} as const satisfies Record<string, keyof Sampling>;
type NumberOption = keyof typeof NUMBERS;

function isNumberOption(name: string): name is NumberOption {
  return Object.hasOwn(NUMBERS, name);
}

const SETTINGS = ["model", "stream", "options", "format", "think", "logprobs", "top_logprobs", "plugins"];

/**
 * What `/api/chat` and `/api/generate` have in common. `known`: the further fields the caller reads itself; every other one
 * goes to `extra`, the options among them as `options.<name>`.
 */
export function readSettings(body: JsonObject, known: readonly string[], request: ChatRequest): void {
  const extra: [string, Json | undefined][] = [];
  for (const [name, value] of Object.entries(body)) {
    if (!SETTINGS.includes(name) && !known.includes(name)) extra.push([name, value]);
  }
  // Streaming is what an Ollama client gets when it does not say.
  request.stream = booleanField(body["stream"], "stream") ?? true;
  request.includeUsage = true;
  readOptions(objectField(body["options"], "options") ?? {}, request, extra);
  readLogprobs(body, request.sampling);
  const output = readFormat(body["format"]);
  if (output) request.output = output;
  const reasoning = readThink(body["think"], extra);
  if (reasoning) request.reasoning = reasoning;
  request.plugins = readPlugins(body["plugins"]);
  request.extra = Object.fromEntries(extra);
}

function readOptions(options: JsonObject, request: ChatRequest, extra: [string, Json | undefined][]): void {
  for (const [name, value] of Object.entries(options)) {
    const param = `options.${name}`;
    if (isNumberOption(name)) {
      const number = numberField(value, param);
      if (number !== undefined) request.sampling[NUMBERS[name]] = number;
    } else if (name === "stop") {
      const stop = typeof value === "string" ? [value] : stringList(value, param);
      if (stop.length > 0) request.sampling.stop = stop;
    } else if (name === "num_predict") {
      const limit = numberField(value, param);
      // Zero and below mean "no limit", which is what leaving it out says everywhere.
      if (limit !== undefined && limit > 0) request.maxOutputTokens = limit;
    } else extra.push([param, value]);
  }
}

function readLogprobs(body: JsonObject, sampling: Sampling): void {
  const logprobs = booleanField(body["logprobs"], "logprobs");
  if (logprobs !== undefined) sampling.logprobs = logprobs;
  const top = numberField(body["top_logprobs"], "top_logprobs");
  if (top !== undefined) sampling.topLogprobs = top;
}

function readFormat(format: Json | undefined): OutputShape | undefined {
  if (format === undefined || format === null || format === "") return undefined;
  if (format === "json") return { kind: "json" };
  return isObject(format) ? { kind: "json_schema", schema: format } : refuse("format", '"json" or a JSON schema');
}

/** Ollama shows what the model thinks; newer models of other providers do so only when asked. */
const SHOWN = { display: "auto" };

/** Levels that only a model's own template knows are kept in `extra.think`. */
function readThink(think: Json | undefined, extra: [string, Json | undefined][]): Reasoning | undefined {
  if (think === undefined || think === null || think === "") return undefined;
  if (think === true) return { mode: "on", ...SHOWN };
  if (think === false) return { mode: "off", effort: "none" };
  if (typeof think !== "string") return refuse("think", "true, false or a level");
  const effort = effortOf(think);
  if (effort) return effort === "none" ? { effort } : { effort, ...SHOWN };
  extra.push(["think", think]);
  return { mode: "on", ...SHOWN };
}

function effortOf(level: string): Effort | undefined {
  return EFFORTS.find((effort) => effort === level);
}

/** The router's own field in every client dialect; never sent on. */
function readPlugins(plugins: Json | undefined): PluginCall[] {
  return objectList(plugins, "plugins").map((plugin, at) => {
    const { id, ...settings } = plugin;
    return { id: requiredString(id, `plugins[${at}].id`), settings };
  });
}
