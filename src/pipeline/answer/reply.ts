import { answerHeaders } from "../../core/answer-headers.ts";
import type { ClientResponse } from "../../core/client-call.ts";
import { FAILURES, type Failure } from "../../core/failure.ts";
import type { Dialect } from "../../core/part.ts";
import type { Headers, WireError } from "../../wire/format.ts";
import { wireErrorOfFailure } from "../../wire/format.ts";
import type { Exchange } from "../exchange.ts";
import type { RawError } from "./answer-reader.ts";
import { lossHeader } from "./loss-header.ts";

/** Headers of the answer, as a flat list: what `writeHead` takes without making an object of it. */
export type FlatHeaders = string[];

/** What is known of an exchange before anybody answers it, as X-Router-* headers. */
export function knownHeaders(exchange: Exchange): FlatHeaders {
  const headers: FlatHeaders = ["X-Router-Id", exchange.id, "X-Router-Config", String(exchange.configVersion)];
  if (exchange.tags.size > 0) headers.push("X-Router-Request-Tags", headerSafe([...exchange.tags].join(",")));
  return headers;
}

/** What is known of an exchange when it is answered, as X-Router-* headers. */
export function routerHeaders(exchange: Exchange): FlatHeaders {
  const headers = knownHeaders(exchange);
  const provider = exchange.answeredByPlugin ? "plugin" : exchange.target?.provider.name;
  if (provider !== undefined) headers.push("X-Router-Provider", headerSafe(provider));
  if (exchange.sentModel !== undefined) headers.push("X-Router-Model", headerSafe(exchange.sentModel));
  if (exchange.attempts.length > 0) headers.push("X-Router-Attempts", String(exchange.attempts.length));
  const losses = lossHeader(exchange.losses);
  if (losses !== undefined) headers.push("X-Router-Losses", headerSafe(losses));
  return headers;
}

/** What is known only at the end: headers of a whole answer, trailers of a stream. */
export function closingHeaders(exchange: Exchange): FlatHeaders {
  const headers: FlatHeaders = [];
  if (exchange.usage) {
    headers.push("X-Router-Input-Tokens", String(exchange.usage.input));
    headers.push("X-Router-Output-Tokens", String(exchange.usage.output));
  }
  if (exchange.responseTags.length > 0) {
    headers.push("X-Router-Response-Tags", headerSafe(exchange.responseTags.join(",")));
  }
  return headers;
}

/** The names trailers may have, for the `Trailer` header. */
export const TRAILERS = [
  "X-Router-Provider",
  "X-Router-Model",
  "X-Router-Attempts",
  "X-Router-Request-Tags",
  "X-Router-Losses",
  "X-Router-Input-Tokens",
  "X-Router-Output-Tokens",
  "X-Router-Response-Tags",
].join(", ");

/** Clients refuse heads of more than some 16 KB altogether, and a client may name its model, or its fields, as it likes. */
const MAX_VALUE_CHARS = 2048;

/** Header values take visible ASCII only (Node throws on others): the rest is percent-encoded, so a model may be called 模型. */
export function headerSafe(value: string): string {
  const safe = /^[\x20-\x7e]*$/.test(value)
    ? value
    : value
        .slice(0, MAX_VALUE_CHARS)
        .toWellFormed()
        .replace(/[^\x20-\x7e]/gu, (character) => encodeURIComponent(character));
  return safe.length > MAX_VALUE_CHARS ? `${safe.slice(0, MAX_VALUE_CHARS)}...` : safe;
}

/** Headers of a provider's answer that its clients steer by; only passed on to clients of the same dialect. */
export function forwardedAnswerHeaders(headers: Headers): FlatHeaders {
  const flat: FlatHeaders = [];
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === "string" && FORWARDED.test(name)) flat.push(name, headerSafe(value));
  }
  return flat;
}

const FORWARDED = /^(?:request-id|x-request-id|retry-after(?:-ms)?|x-should-retry|x-ratelimit-|anthropic-|openai-)/;

/** Small enough that copying it costs less than a second buffer in the write. */
const SMALL_BODY_BYTES = 32 * 1024;

/** Sends a whole JSON answer. */
export function sendBody(res: ClientResponse, status: number, headers: FlatHeaders, body: string | Buffer): void {
  const length = String(Buffer.byteLength(body));
  const told = ["content-type", "application/json", "content-length", length, ...answerHeaders(res)];
  res.writeHead(status, [...told, ...headers]);
  // Node puts head and body into one write only when both are strings; Latin-1 keeps each byte as it is.
  if (typeof body === "string" || body.length > SMALL_BODY_BYTES) res.end(body);
  else res.end(body.toString("latin1"), "latin1");
}

/**
 * Answers a provider's failure. Its own words go untouched to clients of its dialect, which match on them. `mayRetry` false:
 * the router has tried what there was to try.
 */
export function sendFailure(
  res: ClientResponse,
  exchange: Exchange,
  failure: Failure,
  raw: RawError | undefined,
  mayRetry: boolean,
): void {
  const { client } = exchange.incoming;
  const status = statusFor(client.dialect, failure);
  const headers = routerHeaders(exchange);
  // SDKs obey it, and would otherwise try again what the router tried already.
  if (!mayRetry) headers.push("x-should-retry", "false");
  // HTTP wants whole seconds.
  if (failure.retryAfter !== undefined) headers.push("retry-after", String(Math.ceil(failure.retryAfter)));
  exchange.status = status;
  // Our own key was refused: to the client, who has another, that is no 401 of its own.
  if (raw && exchange.passthrough && failure.kind !== "credential" && isJson(raw.headers)) {
    // A date is by the provider's clock, and may stand beside one of ours; what makes no sense stays here.
    const { "x-should-retry": theirs, "retry-after": _, "retry-after-ms": ms, ...rest } = raw.headers;
    const isExact = ms !== undefined && failure.retryAfter !== undefined;
    const told = isExact ? { ...rest, "retry-after-ms": String(Math.ceil((failure.retryAfter ?? 0) * 1000)) } : rest;
    const forwarded = forwardedAnswerHeaders(mayRetry ? { ...told, "x-should-retry": theirs } : told);
    sendBody(res, status, [...headers, ...forwarded], raw.body);
    return;
  }
  const told = failureForClient(exchange, failure);
  sendBody(res, status, headers, JSON.stringify(client.writeError(wireErrorOfFailure(told, status))));
}

/** With the name of the provider it comes from. */
export function failureForClient(exchange: Exchange, failure: Failure): Failure {
  return { ...failure, message: `provider '${exchange.target?.provider.name ?? "unknown"}': ${failure.message}` };
}

export function sendError(res: ClientResponse, exchange: Exchange, error: WireError): void {
  exchange.status = error.status;
  sendBody(res, error.status, routerHeaders(exchange), JSON.stringify(exchange.incoming.client.writeError(error)));
}

/** The caller's own mistakes keep the provider's status; Anthropic's clients know overload as 529, no money as 402. */
export function statusFor(dialect: Dialect, failure: Failure): number {
  const status = failure.upstreamStatus;
  const own = failure.kind === "caller" || failure.kind === "context";
  if (own && status !== undefined && status >= 400 && status < 500) return status;
  if (dialect === "anthropic" && failure.kind === "overloaded") return 529;
  // A 429 its SDK would try again.
  if (dialect === "anthropic" && failure.kind === "quota") return 402;
  return FAILURES[failure.kind].status;
}

function isJson(headers: Headers): boolean {
  const type = headers["content-type"];
  return typeof type === "string" && type.includes("json");
}
