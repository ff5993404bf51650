import type { JsonObject } from "../../../src/core/json.ts";

/** The provider APIs the scripted upstream can speak. */
export const UPSTREAM_FORMATS = ["openai", "openai-responses", "anthropic", "gemini", "ollama"] as const;
export type UpstreamFormat = (typeof UPSTREAM_FORMATS)[number];

export interface ScriptedCall {
  id: string;
  name: string;
  /** Raw JSON text. `""` is sent the way each API says "no arguments". */
  args: string;
}

/** Tokens, with the whole prompt in `input`. */
export interface ScriptedUsage {
  input: number;
  output: number;
  cachedRead?: number;
  cacheWrite?: number;
  reasoning?: number;
}

export interface ScriptedCitation {
  url: string;
  title: string;
  cited: string;
}

export type ScriptedFinish = "stop" | "length" | "tool_calls" | "refusal" | "stop_sequence";

/** What the upstream answers, in no API's words; each dialect renders it whole or streamed. */
export interface Answer {
  text?: string;
  /** `state` is the signature or the encrypted content; APIs without such a thing leave it out. */
  thinking?: { text: string; state?: string };
  toolCalls?: ScriptedCall[];
  refusal?: string;
  citations?: ScriptedCitation[];
  /** One token for each piece of the text, told where the request asks for them. */
  logprobs?: boolean;
  /** Default: `tool_calls` with calls, `refusal` with a refusal, else `stop`. */
  finish?: ScriptedFinish;
  stopSequence?: string;
  usage?: ScriptedUsage;
  /** Sent in the place of an answer. */
  error?: ScriptedError;
  /** Streams only, and what they do wrong or oddly. */
  stream?: StreamQuirks;
  /** What is sent in the place of a body, or of a frame of a stream: for values no provider should send. */
  rewrite?: (text: string) => string;
  /** Sent as they are, whatever was asked. */
  raw?: { status?: number; headers?: Record<string, string>; chunks: (string | Uint8Array)[] };
}

export interface ScriptedError {
  status: number;
  message: string;
  /** Default: the API's own for the status. */
  type?: string;
  headers?: Record<string, string>;
  /** Sent in place of the API's error body. */
  text?: string;
}

export interface StreamQuirks {
  /** Bytes per write; default one write per frame. */
  slice?: number;
  /** Milliseconds between writes. */
  paceMs?: number;
  /** Ends (`end`) or breaks the connection (`reset`) after the content, without the frames that close an answer. */
  cut?: "end" | "reset";
  /** An error in the stream, after the content. */
  error?: string;
  /** Pings, comments and CRLF line ends where the API has them. */
  noise?: boolean;
  /** The stream has no frame at all. */
  empty?: boolean;
  /** Chat only: deltas of parallel calls take turns. */
  interleave?: boolean;
}

/** A streamed answer: what shows content, and what closes it. */
export interface Frames {
  content: string[];
  closing: string[];
}

export interface AnswerContext {
  model: string;
  /** Counts up with each request, so that ids differ. */
  serial: number;
  body: JsonObject;
}

export interface UpstreamDialect {
  format: UpstreamFormat;
  /** In front of every path: part of the base_url of the config. */
  base: string;
  streamType: string;
  /** The path (behind `base`) of the chat endpoint. */
  chat: string;
  /** APIs that name the model in the path: what such a path asks for; undefined when it is none. */
  asks?(path: string): { model: string; stream: boolean } | undefined;
  wantsStream(body: JsonObject): boolean;
  whole(answer: Answer, context: AnswerContext): JsonObject;
  frames(answer: Answer, context: AnswerContext): Frames;
  error(error: ScriptedError): JsonObject;
  /** The frame of an error inside a stream. */
  errorFrame(message: string): string;
  /** Something harmless between two frames; `""` where the API has nothing of the kind. */
  noise: string;
  /** Every other route: a JSON body, or undefined for 404. */
  other(method: string, path: string, body: JsonObject): JsonObject | undefined;
}

export const DEFAULT_USAGE: ScriptedUsage = { input: 11, output: 7 };

export function usageOf(answer: Answer): Required<ScriptedUsage> {
  return { cachedRead: 0, cacheWrite: 0, reasoning: 0, ...(answer.usage ?? DEFAULT_USAGE) };
}

export function finishOf(answer: Answer): ScriptedFinish {
  if (answer.finish) return answer.finish;
  if (answer.toolCalls?.length) return "tool_calls";
  return answer.refusal === undefined ? "stop" : "refusal";
}

/** Text in pieces of at most four characters (never half of one): what a model's deltas look like. */
export function pieces(text: string): string[] {
  const characters = [...text];
  const size = Math.max(4, Math.ceil(characters.length / 40));
  const result: string[] = [];
  for (let at = 0; at < characters.length; at += size) result.push(characters.slice(at, at + size).join(""));
  return result;
}

/** The tokens of a text, as OpenAI and Ollama write them. */
export function tokensOf(answer: Answer): JsonObject[] {
  if (!answer.logprobs) return [];
  return pieces(answer.text ?? "").map((token, at) => {
    const choice = (word: string, logprob: number) => ({ token: word, logprob, bytes: [...Buffer.from(word)] });
    return { ...choice(token, -0.25 * (at + 1)), top_logprobs: [choice(token, -0.25 * (at + 1)), choice("x", -3)] };
  });
}

export function data(value: JsonObject): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

export function named(name: string, value: JsonObject): string {
  return `event: ${name}\n${data(value)}`;
}
