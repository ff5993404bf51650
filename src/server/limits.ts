import type { IncomingMessage, Server } from "node:http";
import type { Config } from "../config/config.ts";
import { RouterError } from "../core/errors.ts";

/** What of `[server]` keeps slow, large and many requests from taking the router's memory and connections. */
export type ReceiveLimits = Pick<Config["server"], "header_s" | "body_s" | "max_header_kb" | "max_connections">;

/** Agents keep their connections for minutes. */
export const KEEP_ALIVE_MS = 75_000;
/** How often it is looked for those who are too slow. */
export const CHECK_MS = 1_000;
/** Node gives up reading headers at 2,000 without a word. */
const MAX_HEADERS = 256;

/** Holds the server to the limits from now on. */
export function applyLimits(server: Server & { maxHeaderSize?: number }, limits: ReceiveLimits): void {
  const { header_s, body_s, max_header_kb, max_connections } = limits;
  server.headersTimeout = header_s * 1000;
  server.requestTimeout = Math.max(header_s, body_s) * 1000;
  server.maxHeaderSize = max_header_kb * 1024;
  server.maxConnections = max_connections;
}

/** Why a request is not even looked at; undefined when it is one that clients send. */
export function malformed(req: IncomingMessage): RouterError | undefined {
  // A path. Proxies are asked for whole addresses: what stands there is not what `Host` says.
  if (req.url?.charCodeAt(0) !== 0x2f)
    return new RouterError("bad_request", "the target of the request has to be a path: the router is no proxy");
  if (req.rawHeaders.length > 2 * MAX_HEADERS)
    return new RouterError("headers_too_large", `the request has more than ${MAX_HEADERS} headers`);
  return undefined;
}
