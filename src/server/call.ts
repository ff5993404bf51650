import type { Readable } from "node:stream";
import { shownHeaders } from "../core/answer-headers.ts";
import type { ClientRequest, ClientResponse } from "../core/client-call.ts";
import type { RouterError } from "../core/errors.ts";
import { headerSafe, statusFor } from "../pipeline/answer/reply.ts";
import type { GaveUp } from "../pipeline/small/gave-up.ts";
import { type ClientHalf, wireErrorOfFailure } from "../wire/format.ts";

/** One HTTP request, as endpoints see it. */
export interface Call {
  req: ClientRequest;
  res: ClientResponse;
  /** Decoded path without the query. */
  path: string;
  search: URLSearchParams;
  /** What follows the route's prefix, for routes that take a rest (`/v1/models/{id}`). */
  rest: string;
  /** The name of the client's key; undefined: it came without, or with the owner's. */
  key: string | undefined;
}

export type Endpoint = (call: Call) => void | Promise<void>;

export interface Route {
  method: "GET" | "HEAD" | "POST" | "DELETE";
  /** Exact; with `/*` at its end it takes whatever follows. */
  path: string;
  /** Whose shape errors have here. */
  client: ClientHalf;
  /** Needs no key. */
  open?: boolean;
  /** Is the owner's: a client's key does not open it where there is an admin key. */
  admin?: boolean;
  /** Answers browsers that come without the key, in place of an error. */
  signIn?: Endpoint;
  endpoint: Endpoint;
}

/** By it routers are known: by one that looks for local model servers, and by `launch`. */
const SERVER = ["server", "opensourcellmrouter"];

/** How long a client that was answered may go on sending. */
const LINGER_MS = 2_000;

export function sendJson(res: ClientResponse, status: number, body: object, headers: readonly string[] = []): void {
  res.end(beginJson(res, status, body, headers));
}

/**
 * Answers while the request's body is still coming. A connection closed on a client that sends breaks before it has read the answer
 * (RFC 9112, 9.6): what comes is let go, until there is no more, or for `LINGER_MS`.
 */
function sendEarlyJson(res: ClientResponse, status: number, body: object, headers: readonly string[]): void {
  res.write(beginJson(res, status, body, headers));
  const end = () => {
    clearTimeout(timer);
    res.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  res.req.once("end", end).once("close", end).resume();
}

/** Sends the head, and gives what belongs behind it. */
function beginJson(res: ClientResponse, status: number, body: object, headers: readonly string[]): string {
  const text = JSON.stringify(body);
  const length = String(Buffer.byteLength(text));
  const told = ["content-type", "application/json", "content-length", length, ...SERVER, ...shownHeaders(res)];
  res.writeHead(status, [...told, ...headers]);
  return text;
}

export function sendText(res: ClientResponse, status: number, text: string): void {
  res.writeHead(status, [
    "content-type",
    "text/plain; charset=utf-8",
    "content-length",
    String(Buffer.byteLength(text)),
    ...SERVER,
    ...shownHeaders(res),
  ]);
  res.end(text);
}

/** Sends what a stream has to say as the answer's body, no faster than the client reads. Resolves when it is over, whoever ended it. */
export function sendStream(res: ClientResponse, body: Readable): Promise<void> {
  return new Promise((resolve) => {
    body.on("data", (piece: Buffer) => {
      if (res.write(piece)) return;
      body.pause();
      res.once("drain", () => body.resume());
    });
    body.on("end", () => res.end());
    body.on("error", () => res.destroy());
    body.on("close", resolve);
    res.once("close", () => body.destroy());
  });
}

/** Aborted when the client leaves before its answer was sent. */
export function goneSignal(res: ClientResponse): AbortSignal {
  const gone = new AbortController();
  res.once("close", () => gone.abort());
  return gone.signal;
}

/** Answers an error of the router's own, in the shape of the API that was called. */
export function sendRouterError(
  res: ClientResponse,
  client: ClientHalf,
  error: RouterError,
  headers: readonly string[] = [],
): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const { status, code, message, param } = error;
  const body = client.writeError({ status, code, message, own: true, ...(param !== undefined && { param }) });
  if (code === "body_too_large") sendEarlyJson(res, status, body, headers);
  else sendJson(res, status, body, headers);
}

/** Answers what no provider did, in the shape of the API that was called. */
export function sendGaveUp(res: ClientResponse, client: ClientHalf, { failure, outcome }: GaveUp): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const { provider, model, attempts, mayRetry, passed } = outcome;
  const headers = ["X-Router-Provider", headerSafe(provider), "X-Router-Model", headerSafe(model)];
  headers.push("X-Router-Attempts", String(attempts));
  // SDKs obey it, and would otherwise try again what the router tried already.
  if (!mayRetry) headers.push("x-should-retry", "false");
  // HTTP wants whole seconds.
  if (failure.retryAfter !== undefined) headers.push("retry-after", String(Math.ceil(failure.retryAfter)));
  const status = statusFor(client.dialect, failure);
  sendJson(res, status, passed ?? client.writeError(wireErrorOfFailure(failure, status)), headers);
}
