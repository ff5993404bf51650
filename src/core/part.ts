import type { Json } from "./json.ts";

/** The wire dialects the router knows. `openai` is Chat Completions; `simulated` is the built-in provider's own. */
export const DIALECTS = [
  "openai",
  "openai-completions",
  "openai-responses",
  "anthropic",
  "ollama",
  "ollama-generate",
  "gemini",
  "simulated",
] as const;
export type Dialect = (typeof DIALECTS)[number];

/** A prompt-cache mark on a part: "everything up to here may be cached". `ttl` as the client wrote it (`5m`, `1h`, `30m`, …). */
export interface CacheMark {
  ttl?: string;
}

/** Provider state the client must send back untouched (a thinking signature, encrypted reasoning). Only `dialect` can read it. */
export interface OpaqueState {
  dialect: Dialect;
  kind: "signature" | "redacted" | "encrypted";
  value: string;
}

export type MediaSource =
  /** `data` is bare base64, without a `data:` prefix; `mediaType` is sniffed or as declared, never empty. */
  | { kind: "base64"; mediaType: string; data: string }
  | { kind: "url"; url: string }
  /** A file already uploaded to a provider: an id only `dialect` understands. */
  | { kind: "file"; dialect: Dialect; id: string };

/** A token the model might write, and the logarithm of how likely it was. */
export interface TokenChoice {
  token: string;
  logprob: number;
  bytes?: number[];
}

/** A token it did write; `top`: what was most likely at its place, as many as the client asked for. */
export interface TokenLogprob extends TokenChoice {
  top: TokenChoice[];
}

export interface TextPart {
  type: "text";
  text: string;
  citations?: Citation[];
  /** Of an answer, where the client asked for them. */
  logprobs?: TokenLogprob[];
  /** A block of one dialect's own (a `tool_reference`) that `text` says in words: that dialect's writer sends the block. */
  raw?: { dialect: Dialect; value: Json };
  cache?: CacheMark;
}

export interface ImagePart {
  type: "image";
  source: MediaSource;
  detail?: string;
  cache?: CacheMark;
}

export interface DocumentPart {
  type: "document";
  source: MediaSource | { kind: "text"; text: string };
  title?: string;
  context?: string;
  /** The client asked for citations into this document. */
  citations?: boolean;
  cache?: CacheMark;
}

export interface AudioPart {
  type: "audio";
  /** Bare base64. */
  data: string;
  /** `wav`, `mp3`, … as the client wrote it. */
  format: string;
  cache?: CacheMark;
}

export interface ToolCallPart {
  type: "tool-call";
  id: string;
  name: string;
  /** The raw JSON text of the arguments (`""` is read as `{}`), or the free text of a `custom` tool. */
  arguments: string;
  kind: "function" | "custom";
  /** State that belongs to this very call, not to reasoning before it (Gemini's thought signature). */
  state?: OpaqueState;
  cache?: CacheMark;
}

export interface ToolResultPart {
  type: "tool-result";
  callId: string;
  /** The tool's name, where the dialect sends it (Ollama) or the reader found it from the call. */
  name?: string;
  parts: Part[];
  isError: boolean;
  cache?: CacheMark;
}

export interface ReasoningPart {
  type: "reasoning";
  /** May be empty: redacted thinking, or a signature alone. */
  text: string;
  state?: OpaqueState;
  /** True when `text` is a summary of the reasoning, not the reasoning (Responses). */
  summary?: boolean;
  /** The item id of the dialect that made it (Responses `rs_…`). */
  id?: string;
}

export interface RefusalPart {
  type: "refusal";
  text: string;
}

/** A block type the vocabulary has no word for: kept whole, and sent only where its own dialect is spoken. */
export interface OpaquePart {
  type: "opaque";
  dialect: Dialect;
  /** Its type in that dialect, for loss reports: `server_tool_use`, `web_search_call`, … */
  what: string;
  value: Json;
  /** What it says of a web search the provider ran, so that other dialects can show it as theirs. */
  search?: WebSearch;
}

/** A web search: `queries` where the block tells what was searched for, `results` where it tells what was found. */
export interface WebSearch {
  /** The same for the blocks of one search, where a dialect has two (Anthropic's call and result). */
  id: string;
  queries: string[];
  results: { url: string; title: string }[];
}

export type Part =
  | TextPart
  | ImagePart
  | DocumentPart
  | AudioPart
  | ToolCallPart
  | ToolResultPart
  | ReasoningPart
  | RefusalPart
  | OpaquePart;

/** A source the answer names. Offsets are UTF-16 indices into the text of the block. */
export interface Citation {
  url?: string;
  title?: string;
  citedText?: string;
  start?: number;
  end?: number;
  /** As the dialect wrote it, for that dialect's own writer. */
  raw?: { dialect: Dialect; value: Json };
}

/** The text of text parts, joined; what is not text is passed over. */
export function textOf(parts: readonly Part[], separator = ""): string {
  let text = "";
  for (const part of parts) {
    if (part.type !== "text" || part.text === "") continue;
    text += text === "" ? part.text : separator + part.text;
  }
  return text;
}
