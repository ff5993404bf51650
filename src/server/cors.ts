import { shownHeaders } from "../core/answer-headers.ts";
import type { ClientRequest, ClientResponse } from "../core/client-call.ts";

/** What pages of origins in `[server] cors_origins` are told, and nobody else. Without cookies: keys come in headers. */

/** Lets the page read the answer, whatever it will be. */
export function shareWith(origin: string, res: ClientResponse): void {
  res.setHeader("access-control-allow-origin", origin);
  res.setHeader("access-control-expose-headers", "*");
  res.setHeader("vary", "origin");
}

/** The method a browser asks leave for before it sends the request itself; undefined: this is no such question. */
export function preflightFor({ method, headers }: ClientRequest): string | undefined {
  return method === "OPTIONS" ? headers["access-control-request-method"] : undefined;
}

/** Gives leave, for ten minutes. `*` means every header but `authorization`. */
export function answerPreflight(req: ClientRequest, res: ClientResponse): void {
  res.setHeader("access-control-allow-methods", "GET, POST, DELETE");
  res.setHeader("access-control-allow-headers", "authorization, *");
  res.setHeader("access-control-max-age", "600");
  // Asked by browsers that know this machine and its network from the rest of the world.
  if (req.headers["access-control-request-private-network"] === "true")
    res.setHeader("access-control-allow-private-network", "true");
  res.writeHead(204, [...shownHeaders(res)]).end();
}
