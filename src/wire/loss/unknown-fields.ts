import { isObject, type Json, type JsonObject, objectsOf } from "../../core/json.ts";
import type { LossClass, Losses } from "../../core/loss.ts";
import type { Dialect } from "../../core/part.ts";
import { type ChatRequest, EFFORTS, type Message, type Tool } from "../../core/request.ts";

/**
 * What it means that a field only the client's dialect knows (`ChatRequest.extra`) cannot be carried to another dialect.
 * A field that is not here is `report`: nobody has thought about it, so the client should hear of it. docs/translation.md shows
 * this table.
 *
 * `silent`: bookkeeping, billing and transport; the text of the answer stays the same.
 * `reject`: state or a capability the answer depends on; without it the client would get a wrong answer and not know.
 */
export const UNKNOWN_FIELDS: Readonly<Record<Dialect, ReadonlyMap<string, LossClass>>> = {
  openai: classes({
    silent: [
      "store",
      "stream_options",
      "prompt_cache_retention",
      "prompt_cache_options",
      "safety_identifier",
      "user",
      "service_tier",
    ],
    // The last two hold what the API has learnt since: a kind of choice, a role.
    reject: ["audio", "modalities", "tool_choice", "messages[].role"],
  }),
  "openai-completions": classes({
    silent: ["store", "stream_options", "prompt_cache_retention", "user", "service_tier"],
    reject: ["suffix", "echo", "prompt"],
  }),
  "openai-responses": classes({
    silent: [
      "store",
      "include",
      "truncation",
      "client_metadata",
      "service_tier",
      // Beside a `safety_identifier`, which goes in its place.
      "user",
      "stream_options",
      "prompt_cache_retention",
      "prompt_cache_options",
      "messages[].phase",
      "tools[].defer_loading",
    ],
    // Each of these points at something that lives at the provider, or asks for an answer that is fetched later.
    reject: [
      "previous_response_id",
      "conversation",
      "prompt",
      "background",
      "input.item_reference",
      "input.compaction",
      "input.compaction_trigger",
    ],
  }),
  anthropic: classes({
    silent: [
      "diagnostics",
      "betas",
      "user_profile_id",
      "workspace_id",
      "service_tier",
      "speed",
      // Other APIs get the tool at once, and the arguments as they come anyway.
      "tools[].defer_loading",
      "tools[].eager_input_streaming",
    ],
    // A thread holds the earlier messages at the provider; the next two are tools that run there. The last two hold what the
    // API has learnt since: a kind of choice, a role.
    reject: ["thread", "container", "mcp_servers", "tool_choice", "messages[].role"],
  }),
  ollama: classes({
    silent: [...ollamaMachine(), ...ollamaIgnores()],
  }),
  "ollama-generate": classes({
    silent: [...ollamaMachine(), ...ollamaIgnores()],
    reject: ["template", "raw", "context", "suffix"],
  }),
  gemini: classes({
    silent: ["safetySettings", "labels", "store", "serviceTier"],
    // A cache holds the beginning of the prompt at the provider; the others ask for an answer that is no text.
    reject: ["cachedContent", "generationConfig.responseModalities", "generationConfig.speechConfig"],
  }),
  simulated: new Map(),
};

/** Values that say what happens anyway: leaving them out loses nothing. */
const DEFAULTS: ReadonlyMap<string, (value: Json) => boolean> = new Map([
  ["service_tier", isOneOf("auto", "default", "standard_only")],
  ["speed", isOneOf("standard")],
  ["serviceTier", isOneOf("standard", "unspecified", "SERVICE_TIER_STANDARD", "SERVICE_TIER_UNSPECIFIED")],
  ["generationConfig.responseModalities", (value) => Array.isArray(value) && value.every(isOneOf("TEXT", "text"))],
  ["modalities", (value: Json) => Array.isArray(value) && value.every(isOneOf("text"))],
  ["background", isOneOf(false)],
  ["echo", isOneOf(false)],
  ["raw", isOneOf(false)],
  ["suffix", isOneOf("")],
  ["template", isOneOf("")],
  ["best_of", isOneOf(1)],
  ["reasoning.context", isOneOf("auto")],
  ["reasoning.mode", isOneOf("standard")],
  // The effort of a later message has taken its place; an effort nobody knows is told.
  ["output_config.effort", isOneOf(...EFFORTS)],
  ["messages[].output_config.effort", isOneOf(...EFFORTS)],
  ["tools[].allowed_callers", (value: Json) => Array.isArray(value) && value.every(isOneOf("direct"))],
  ["tools[].defer_loading", isOneOf(false)],
  ["tools[].eager_input_streaming", isOneOf(false)],
  ["context_management", keepsThinking],
]);

/** Fields of which readers keep the part they did not understand: each key in them is told by its own name. */
const CONTAINERS: ReadonlySet<string> = new Set([
  "options",
  "reasoning",
  "text",
  "thinking",
  "output_config",
  "generationConfig",
  "toolConfig",
]);

/** What is lost when `field` of a client of `dialect` is not carried. Keys inside a field are named `options.num_ctx`. */
export function classOfUnknown(dialect: Dialect, field: string): LossClass {
  return UNKNOWN_FIELDS[dialect].get(field) ?? "report";
}

/** For every writer whose dialect is not the client's: tells of each top-level field that stays behind. */
export function dropExtra(request: ChatRequest, losses: Losses): void {
  dropFields(request.extra, request.dialect, { kind: "", path: "" }, losses);
}

/** The same for what only the client's dialect has in a message (`path`: `messages[3]`) … */
export function dropMessageExtra({ extra }: Message, path: string, dialect: Dialect, losses: Losses): void {
  if (extra) dropFields(extra, dialect, { kind: "messages[].", path: `${path}.` }, losses);
}

/** … or in a tool (`path`: `tools[3]`). */
export function dropToolExtra(tool: Tool, path: string, dialect: Dialect, losses: Losses): void {
  if (tool.kind === "function" && tool.extra)
    dropFields(tool.extra, dialect, { kind: "tools[].", path: `${path}.` }, losses);
}

/** What stands before a field's name: in the tables above, and in what the client is told. */
interface Place {
  kind: "" | "messages[]." | "tools[].";
  path: string;
}

function dropFields(fields: JsonObject, dialect: Dialect, place: Place, losses: Losses): void {
  for (const [field, value] of Object.entries(fields)) {
    if (!CONTAINERS.has(field) || !isObject(value)) dropField(field, value, dialect, place, losses);
    else for (const [key, inner] of Object.entries(value)) dropField(`${field}.${key}`, inner, dialect, place, losses);
  }
}

function dropField(name: string, value: Json | undefined, dialect: Dialect, place: Place, losses: Losses): void {
  const known = `${place.kind}${name}`;
  if (value === null || value === undefined || isEmptyList(value) || DEFAULTS.get(known)?.(value)) return;
  losses.list.push({
    field: `${place.path}${name}`,
    treatment: "dropped",
    class: classOfUnknown(dialect, known),
  });
}

/** Anthropic's `context_management` that throws nothing away: no other API throws thinking away unasked. */
function keepsThinking(value: Json): boolean {
  const edits = objectsOf(isObject(value) ? value["edits"] : undefined);
  return edits.every((edit) => String(edit["type"]).startsWith("clear_thinking_") && edit["keep"] === "all");
}

function isEmptyList(value: Json): boolean {
  return Array.isArray(value) && value.length === 0;
}

function isOneOf(...values: Json[]): (value: Json) => boolean {
  return (value) => values.includes(value);
}

function classes(fields: { silent?: string[]; reject?: string[] }): ReadonlyMap<string, LossClass> {
  const map = new Map<string, LossClass>();
  for (const field of fields.silent ?? []) map.set(field, "silent");
  for (const field of fields.reject ?? []) map.set(field, "reject");
  return map;
}

/** How the machine is to be used, not what it is to say. */
function ollamaMachine(): string[] {
  const options = "num_batch num_gpu main_gpu use_mmap use_mlock low_vram num_thread num_keep numa draft_num_predict";
  return ["keep_alive", "truncate", "shift", ...options.split(" ").map((name) => `options.${name}`)];
}

/** Sent by OpenAI-minded client libraries at top level; Ollama itself passes over them, so nothing is lost. */
function ollamaIgnores(): string[] {
  return "temperature top_p max_tokens max_output_tokens tool_choice seed".split(" ");
}
