import type { JsonObject } from "./json.ts";
import type { CacheMark, Dialect, Part } from "./part.ts";

export interface Message {
  /** `system` here is one in mid-conversation; the leading ones are in `ChatRequest.system`. `tool` holds only tool-results. */
  role: "system" | "user" | "assistant" | "tool";
  parts: Part[];
  /** OpenAI's `name` of a participant. */
  name?: string;
  /** Keys of the message only the client's dialect knows (Anthropic's per-turn `output_config`). */
  extra?: JsonObject;
}

export interface FunctionTool {
  kind: "function";
  name: string;
  description?: string;
  /** JSON Schema of the arguments, as the client wrote it; absent when the client gave none. */
  parameters?: JsonObject;
  strict?: boolean;
  cache?: CacheMark;
  /** Keys of the tool only its dialect knows (`defer_loading`, `input_examples`, …). */
  extra?: JsonObject;
}

/** A free-form tool (OpenAI `custom`): its input is text, perhaps under a grammar. */
export interface CustomTool {
  kind: "custom";
  name: string;
  description?: string;
  format?: JsonObject;
}

/** A tool the provider runs itself (`web_search_20250305`, `code_interpreter`, …), as its dialect wrote it. */
export interface HostedTool {
  kind: "hosted";
  dialect: Dialect;
  /** Its type in that dialect. */
  type: string;
  value: JsonObject;
  /** What it does, where several dialects have such a tool: each writes its own (docs/translation.md). */
  twin?: HostedTwin;
}

/** Tools that providers of more than one dialect run. */
export type HostedTwin = "web_search" | "web_fetch" | "code_execution";

export type Tool = FunctionTool | CustomTool | HostedTool;

export type ToolChoice =
  | { mode: "auto" | "none" | "required" }
  | { mode: "tool"; name: string }
  /** Only these tools may be called; `required` says at least one must. */
  | { mode: "allowed"; names: string[]; required: boolean };

export interface Sampling {
  temperature?: number;
  topP?: number;
  topK?: number;
  minP?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  repeatPenalty?: number;
  seed?: number;
  stop?: string[];
  /** How many answers are asked for. */
  n?: number;
  logprobs?: boolean;
  topLogprobs?: number;
  logitBias?: JsonObject;
}

export const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;
export type Effort = (typeof EFFORTS)[number];

export interface Reasoning {
  effort?: Effort;
  /** Anthropic's `thinking.budget_tokens`. */
  budgetTokens?: number;
  /** `adaptive` and `on` leave the depth to the model; `off` asks for none. */
  mode?: "adaptive" | "on" | "off";
  /** Whether and how the client wants to see it: OpenAI `auto|concise|detailed`, Anthropic `summarized|omitted`. */
  display?: string;
}

export type OutputShape =
  | { kind: "json" }
  | { kind: "json_schema"; schema: JsonObject; name?: string; description?: string; strict?: boolean };

export interface CacheHints {
  /** OpenAI's `prompt_cache_key`. */
  key?: string;
  /** Anthropic's top-level `cache_control`: cache automatically. */
  automatic?: CacheMark;
}

export interface Identity {
  /** The end user, as the client named it (`user`, `safety_identifier`, `metadata.user_id`). */
  user?: string;
  /** The conversation, where the client sends one (session headers). */
  session?: string;
  metadata?: JsonObject;
}

/** One entry of the top-level `plugins` array: which plugin, with which settings of its own. */
export interface PluginCall {
  id: string;
  settings: JsonObject;
}

/** A request in the router's own words. Strings are references into the parsed body, not copies. */
export interface ChatRequest {
  /** The dialect the client spoke. */
  dialect: Dialect;
  model: string;
  system: Part[];
  messages: Message[];
  tools: Tool[];
  toolChoice?: ToolChoice;
  parallelToolCalls?: boolean;
  sampling: Sampling;
  maxOutputTokens?: number;
  output?: OutputShape;
  reasoning?: Reasoning;
  verbosity?: string;
  cache: CacheHints;
  identity: Identity;
  stream: boolean;
  /** The last message is the beginning of the answer, which the client has already: only what follows is wanted. */
  goesOn?: true;
  /** The client asked for usage in its stream (OpenAI Chat); the other dialects always send it. */
  includeUsage: boolean;
  plugins: PluginCall[];
  /** Top-level fields that only the client's dialect knows, under their own names. */
  extra: JsonObject;
}

/** A request with nothing in it but the model: what readers start from. */
export function emptyRequest(dialect: Dialect, model: string): ChatRequest {
  return {
    dialect,
    model,
    system: [],
    messages: [],
    tools: [],
    sampling: {},
    cache: {},
    identity: {},
    stream: false,
    includeUsage: false,
    plugins: [],
    extra: {},
  };
}

/** True when any message, or a tool result in one, holds an image: the request needs a model with `vision`. */
export function hasImage(request: ChatRequest): boolean {
  return request.messages.some((message) => message.parts.some(isImageInside));
}

function isImageInside(part: Part): boolean {
  if (part.type === "image") return true;
  return part.type === "tool-result" && part.parts.some(isImageInside);
}
