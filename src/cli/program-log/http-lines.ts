import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { EventEmitter } from "node:events";
import { type ClientResponse, HTTP_BEGUN } from "../../core/client-call.ts";
import { isObject } from "../../core/json.ts";
import type { Log } from "../../core/log.ts";

/**
 * A debug line for each HTTP request that was answered, or broken off, whatever its path: also those that no endpoint saw. Who
 * reads them tells of them by itself, so that without it nothing is spent. What it returns ends it.
 */
export function logHttp(log: Log, nowMs: () => number): () => void {
  const begun = (message: unknown) => {
    if (!isObject(message)) return;
    const { response } = message;
    if (!isResponse(response)) return;
    const { method = "", url = "/", httpVersion } = response.req;
    const startMs = nowMs();
    response.once("close", () => {
      const { headersSent, statusCode, writableFinished } = response;
      log("debug", writableFinished ? "HTTP answered" : "HTTP broken off", {
        method,
        // What stands behind it may be a key.
        path: url.replace(/\?.*$/s, ""),
        status: headersSent ? statusCode : null,
        ms: Math.round(nowMs() - startMs),
        http: httpVersion,
      });
    });
  };
  subscribe(HTTP_BEGUN, begun);
  return () => void unsubscribe(HTTP_BEGUN, begun);
}

function isResponse(value: unknown): value is ClientResponse {
  return value instanceof EventEmitter && "writeHead" in value && "req" in value;
}
