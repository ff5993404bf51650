import type { EmbeddingRequest, EmbeddingResult } from "../core/embedding.ts";
import type { RouterErrorCode } from "../core/errors.ts";
import type { ChatEvent } from "../core/event.ts";
import type { Failure, FailureKind } from "../core/failure.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { Losses, SupportTable } from "../core/loss.ts";
import type { ModelInfo } from "../core/model.ts";
import type { Dialect } from "../core/part.ts";
import type { ChatRequest } from "../core/request.ts";
import type { ChatResponse, Place } from "../core/response.ts";
import type { IdRule } from "./tools/ids.ts";

/** Headers as node:http gives them: lower-case names. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * A wire format is two halves that never meet but through `core/`: what clients of the dialect say and hear, and what
 * providers of it do. All of it is pure and synchronous: values in, values out, no clock, no connection.
 */
export interface ClientHalf {
  readonly dialect: Dialect;
  readonly streamType: "text/event-stream; charset=utf-8" | "application/x-ndjson" | "application/json";
  /**
   * Reads a parsed body. Throws `RouterError("bad_request")` naming the field for what the API itself would refuse.
   * `path`: what the URL says, in APIs that put the model there.
   */
  readRequest(body: JsonObject, headers: Headers, path?: PathModel): ChatRequest;
  /** The answer to a body that asks nothing of a model (Ollama's "load the model"); undefined for all others. */
  answerAtOnce?(body: JsonObject, nowMs: number): JsonObject | undefined;
  writeResponse(response: ChatResponse, context: AnswerContext): JsonObject;
  writeStream(context: AnswerContext): StreamWriter;
  /**
   * For a stream that a provider began and that was passed through: makes the writer of its rest, from the events so far (all of
   * them text). Undefined: there can be none. Absent: `writeStream` will do, which is told those events first.
   */
  resumeStream?(context: AnswerContext, passed: PassedBytes): ResumedWriter | undefined;
  /**
   * A sign of life, harmless before the first event of a stream and between any two, whoever writes it: a provider, passed
   * through, or a writer. Absent: the dialect has none. `model`, `wallMs`: for dialects whose every line names both.
   */
  keepAlive?(model: string, wallMs: number): string;
  /** The body of an error answer, in this API's own shape. */
  writeError(error: WireError): JsonObject;
}

export type ResumedWriter = (soFar: readonly ChatEvent[]) => StreamWriter;

/** Of a provider's stream of whole events that went through to its client. */
export interface PassedBytes {
  /** To the first content, and with it. */
  first: string;
  /** The last that went through; ends where an event ends. */
  last: string;
  /** How far it came. */
  place: Place;
}

/** What an API that names the model in its URL says there (Gemini). */
export interface PathModel {
  model: string;
  stream: boolean;
}

export interface AnswerContext {
  request: ChatRequest;
  /** The client's parsed body, for APIs that echo it (Responses). */
  body: JsonObject;
  /** Of the exchange: for ids the provider did not give. */
  id: string;
  /** Wall clock, ms since 1970, when the request came. */
  createdMs: number;
  /** Monotonic ms since the request came, for APIs that report durations (Ollama). */
  elapsedMs: () => number;
  /** Input tokens counted before the provider said any, for APIs that tell them first (Anthropic's message_start). */
  readonly estimatedInput: number;
  /** Something of the answer has no place in the client's API: `lost("web_search_call", "dropped")`. */
  lost(field: string, treatment: string): void;
}

/** Turns events into the bytes of this dialect's stream, in order, none held back but what the grammar demands. */
export interface StreamWriter {
  /** Text to send for this event; `""` for none. After `end` or `error` it is not called again. */
  write(event: ChatEvent): string;
  /** An error that closes a stream this writer did not begin (bytes passed through). Absent: `write` says it as well. */
  errorBehind?(failure: Failure): string;
}

export interface ProviderHalf {
  readonly dialect: Dialect;
  /** What a request of this dialect can express. */
  readonly support: SupportTable;
  /** Path behind the provider's base URL (`/chat/completions`), with its query if it has one of its own. */
  path(model: string, stream: boolean): string;
  /** The model is named in the path, not in the body (Gemini): bodies passed through are not touched for it. */
  readonly modelInPath?: true;
  /** The tool names it takes; others are mapped there and back around it. Absent: any. */
  readonly toolNames?: IdRule;
  /** The request body, in this dialect; what it cannot say goes to `losses`. Deterministic: same request, same bytes. */
  writeRequest(request: ChatRequest, target: TargetInfo, losses: Losses): JsonObject;
  /**
   * The client speaks this dialect, but its conversation holds what only the router can have put there for another provider,
   * and `model` would refuse it: the request is written anew instead of passed through.
   */
  mustRewrite?(request: ChatRequest, model: string): boolean;
  /**
   * True when it is known that this model goes on with the text of a last assistant message, instead of answering afresh.
   * Absent: never. `request`: one that `goesOn`.
   */
  continues?(request: ChatRequest, target: TargetInfo): boolean;
  /** Headers the dialect needs besides the key (`anthropic-version`). `client`: what the client sent. */
  headers(request: ChatRequest, client: Headers): Record<string, string>;
  /** A whole 200 body as events, ending in `end` or `error`. Throws when it is not of this dialect. */
  readResponse(body: Json): ChatEvent[];
  readStream(): StreamReader;
  /** An error answer. `body` is undefined when it was not JSON; `text` is its beginning, at most 2 KB. */
  readError(status: number, body: Json | undefined, text: string): Failure;
}

export interface TargetInfo {
  /** The model name to send. */
  model: string;
  /** What is known of the model, if anything. */
  info?: ModelInfo | undefined;
  quirks: Quirks;
}

/** Ways in which servers of one dialect differ; set by the provider's preset. */
export interface Quirks {
  /** OpenAI Chat: the name of the output limit. OpenAI itself wants `max_completion_tokens`, most others `max_tokens`. */
  maxTokensField?: "max_tokens" | "max_completion_tokens";
  /** OpenAI Chat: takes the `developer` role. */
  developerRole?: boolean;
  /** OpenAI Chat: wants `reasoning_content` back on replayed assistant turns (DeepSeek, Kimi). */
  replayReasoning?: boolean;
  /** OpenAI Chat: has no place for files in messages, whatever OpenAI has. */
  noFiles?: boolean;
  /** OpenAI Chat: goes on with a last assistant message when asked by these fields, of the message and of the body. */
  continues?: { message?: JsonObject; body?: JsonObject };
}

/** Turns the bytes of a provider's stream into events. */
export interface StreamReader {
  /** Set where only what the events add up to matters: pieces of text that come at once may be told as one. */
  gathers?: boolean;
  /**
   * Any slice of the stream. Appends to `out`. False when it was nothing but a sign of life: comments, blank lines, pings.
   * Throws when the bytes are not of this dialect.
   */
  push(chunk: Uint8Array, out: ChatEvent[]): boolean;
  /** When `push` has thrown: the text of the frame that is to blame, where it is a frame. */
  readonly unread?: string | undefined;
  /** The bytes ended: appends `end`, or `error` when the stream had no terminal of its own. Nothing if already closed. */
  end(out: ChatEvent[]): void;
}

/** An error for the client: made by the router, or a provider's failure told on. */
export interface WireError {
  status: number;
  code: RouterErrorCode | FailureKind;
  message: string;
  /** True when the router made it itself: its type is `router_error` where the API leaves types open. */
  own: boolean;
  param?: string;
  /** The provider's own error code, when there is one. */
  upstreamCode?: string;
  /** Seconds to wait, for APIs that say it in the body too (Gemini). */
  retryAfter?: number;
}

export function wireErrorOfFailure(failure: Failure, status: number): WireError {
  return {
    status,
    code: failure.kind,
    message: failure.message,
    own: false,
    ...(failure.code !== undefined && { upstreamCode: failure.code }),
    ...(failure.retryAfter !== undefined && { retryAfter: failure.retryAfter }),
  };
}

/** Embeddings, for the dialects that have them. */
export interface EmbeddingClientHalf {
  readRequest(body: JsonObject): EmbeddingRequest;
  writeResponse(result: EmbeddingResult, request: EmbeddingRequest): JsonObject;
}

export interface EmbeddingProviderHalf {
  /** Behind the provider's base URL. */
  path(model: string): string;
  writeRequest(request: EmbeddingRequest, model: string): JsonObject;
  readResponse(body: Json): EmbeddingResult;
}

/** What asks for the length of a prompt, in the dialects that can be asked. */
export interface TokenCountClientHalf {
  /** The prompt in a body that asks how long it is. Throws as `ClientHalf.readRequest` does. */
  readRequest(body: JsonObject, headers: Headers, path?: PathModel): ChatRequest;
  writeResponse(tokens: number): JsonObject;
}

/** Providers that count. A client of their own dialect is passed through, with the model set in its body. */
export interface TokenCountHalf {
  /** Behind the provider's base URL. */
  path(model: string): string;
  /** The body that asks; what the dialect cannot say is left out of the count. */
  writeRequest(request: ChatRequest, target: TargetInfo): JsonObject;
  /** Undefined when the answer names no number. */
  readResponse(body: Json): number | undefined;
}
