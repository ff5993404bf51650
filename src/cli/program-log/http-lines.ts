import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { isObject } from "../../core/json.ts";
import type { Log } from "../../core/log.ts";
import { IncomingMessage, ServerResponse } from "../../core/node-http.ts";

const CHANNEL = "http.server.request.start";

/**
 * A debug line for each HTTP request that was answered, or broken off, whatever its path: also those that no endpoint saw. Node
 * tells of them by itself, so that without it nothing is spent. What it returns ends it.
 */
export function logHttp(log: Log, nowMs: () => number): () => void {
  const begun = (message: unknown) => {
    if (!isObject(message)) return;
    const { request, response } = message;
    if (!(request instanceof IncomingMessage && response instanceof ServerResponse)) return;
    const { method = "", url = "/", httpVersion } = request;
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
  subscribe(CHANNEL, begun);
  return () => void unsubscribe(CHANNEL, begun);
}
