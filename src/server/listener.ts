import type { Server } from "node:http";
import type { Socket } from "node:net";
import { HEADER_LINES } from "../core/answer-headers.ts";
import type { ClientRequest, ClientResponse } from "../core/client-call.ts";
import { asRouterError, RouterError, type RouterErrorCode } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { createServer, STATUS_CODES } from "../core/node-http.ts";
import { GaveUp } from "../pipeline/small/gave-up.ts";
import { anthropicClient } from "../wire/anthropic/client.ts";
import type { ClientHalf } from "../wire/format.ts";
import { geminiClient } from "../wire/gemini/client.ts";
import { ollamaClient } from "../wire/ollama/client.ts";
import { openaiClient } from "../wire/openai/client.ts";
import { ANYBODY, type Door, keysInQuery } from "./auth.ts";
import { sendGaveUp, sendRouterError } from "./call.ts";
import { answerPreflight, preflightFor, shareWith } from "./cors.ts";
import { speaksGemini } from "./endpoints/models.ts";
import { FastLane } from "./lane/fast-lane.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { applyLimits, CHECK_MS, KEEP_ALIVE_MS, malformed } from "./limits.ts";
import type { Match, RouterTable } from "./router-table.ts";
import type { Version } from "./version.ts";

/** Read only: most requests have no query, and an empty one is not made anew for each. */
const NO_QUERY = new URLSearchParams();

/** SDKs wait so long before they try again, by when another router may listen here. */
const STOPPING = ["connection", "close", "retry-after", "1", "x-should-retry", "true"];

const MORE_HEADERS = new Map<RouterErrorCode, readonly string[]>([
  // What is left of a body too large to read would be taken for the next request.
  ["body_too_large", ["connection", "close"]],
  // Which ones would be taken (RFC 9110, 15.5.16).
  ["encoded_body", ["accept-encoding", "identity"]],
]);

/** What of a version the listener needs. */
type Served = Pick<Version, "table" | "pages" | "guard" | "limits">;

/** HTTP in: finds the route, checks the key, answers whatever an endpoint throws. */
export class Listener {
  readonly server: Server;
  /** Open connections. */
  readonly sockets = new Set<Socket>();
  /** Requests that were turned away unread, since the start. */
  readonly rejected = { malformed: 0, bad_key: 0, foreign_page: 0, stopping: 0 };
  /** The one reference a reload swaps: each request reads it once. */
  #served: Served;
  readonly #lane: FastLane;
  readonly #lifecycle: Lifecycle;
  readonly #log: Log;

  constructor(served: Served, lifecycle: Lifecycle, log: Log) {
    this.#served = served;
    this.#lifecycle = lifecycle;
    this.#log = log;
    this.server = createServer(
      {
        keepAliveTimeout: KEEP_ALIVE_MS,
        connectionsCheckingInterval: CHECK_MS,
        // What is said twice is read as both, so that nobody in between can have gone by another one than the router.
        joinDuplicateHeaders: true,
        // Java's client offers h2c with its first request, curl with --http2: HTTP asks to pass such offers over.
        shouldUpgradeCallback: (req) => req.headers.upgrade?.toLowerCase() === "websocket",
      },
      (req, res) => this.#handle(req, res, malformed(req)),
    );
    this.#lane = new FastLane(this.server, (req, res) => this.#handle(req, res, undefined));
    applyLimits(this.server, served.limits);
    // As one of several processes: else each would hand to the next what it has no room for.
    Object.assign(this.server, { dropMaxConnection: true });
    // Those who have a connection and want nothing make room: who was turned away comes again.
    this.server.on("drop", () => this.closeIdleConnections());
    this.server.on("upgrade", (req, socket: Socket) => this.#refuseUpgrade(req, socket));
    this.server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
    });
  }

  /** From now on requests meet this version; those under way go on with theirs. */
  serve(served: Served): void {
    this.#served = served;
    applyLimits(this.server, served.limits);
  }

  /** Takes no more connections; calls back when none is left. */
  close(closed: () => void): void {
    this.server.close(closed);
    this.#lane.closeIdle();
  }

  closeIdleConnections(): void {
    this.server.closeIdleConnections();
    this.#lane.closeIdle();
  }

  closeAllConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** `odd`: why it is not even looked at. */
  #handle(req: ClientRequest, res: ClientResponse, odd: RouterError | undefined): void {
    if (odd !== undefined) this.rejected.malformed++;
    const target = req.url ?? "/";
    const mark = target.indexOf("?");
    const path = routePath(mark === -1 ? target : target.slice(0, mark));
    const search = mark === -1 ? NO_QUERY : new URLSearchParams(target.slice(mark + 1));
    const { table, pages, guard } = this.#served;
    const match = table.find(req.method ?? "GET", path);
    const preflight = preflightFor(req);
    const refusal = odd ?? this.#refusal(req, preflight === undefined ? match : table.find(preflight, path));
    if (refusal !== undefined) return sendRouterError(res, clientOf(path, req, match), refusal);
    const { origin } = req.headers;
    if (origin !== undefined && pages.shares(origin) && match?.route.admin !== true) {
      shareWith(origin, res);
      if (preflight !== undefined) return answerPreflight(req, res);
    }
    const inQuery = keysInQuery(path, search);
    const admitted = match?.route.open === true ? ANYBODY : guard.admits(req.headers, inQuery, doorOf(match));
    if (admitted === undefined || admitted === "two keys") {
      this.rejected.bad_key++;
      if (match?.route.signIn && req.headers.accept?.includes("text/html")) {
        void match.route.signIn({ req, res, path, search, rest: match.rest, key: undefined });
        return;
      }
      const why = guard.refusal(req.headers, inQuery, doorOf(match));
      sendRouterError(res, clientOf(path, req, match), why);
      return;
    }
    if (this.#lifecycle.stopping && match?.route.open !== true) {
      this.rejected.stopping++;
      const error = new RouterError("stopping", "the router is being stopped");
      sendRouterError(res, clientOf(path, req, match), error, STOPPING);
      return;
    }
    if (!match) return this.#unmatched(req, res, path, table);
    const { route, rest } = match;
    try {
      const pending = route.endpoint({ req, res, path, search, rest, key: admitted.key });
      if (pending) pending.catch((error: unknown) => this.#failed(error, clientOf(path, req, match), req, res));
    } catch (error) {
      this.#failed(error, clientOf(path, req, match), req, res);
    }
  }

  /** Why nothing is done for the request, whichever key it has. */
  #refusal(req: ClientRequest, match: Match | undefined): RouterError | undefined {
    if (match?.route.open === true) return undefined;
    const foreign = this.#served.pages.refusal(req.method ?? "GET", req.headers, match?.route.admin === true);
    if (foreign !== undefined) this.rejected.foreign_page++;
    return foreign;
  }

  #failed(error: unknown, client: ClientHalf, req: ClientRequest, res: ClientResponse): void {
    if (error instanceof GaveUp) return sendGaveUp(res, client, error);
    const own = asRouterError(error);
    if (own.code === "internal") {
      const path = req.url?.split("?")[0] ?? "/";
      this.#log("error", `${req.method} ${path}: ${stackOf(error)}`, { method: req.method ?? "", path });
    }
    sendRouterError(res, client, own, MORE_HEADERS.get(own.code));
  }

  #unmatched(req: ClientRequest, res: ClientResponse, path: string, table: RouterTable): void {
    const client = clientOf(path, req);
    const methods = table.methodsOf(path);
    if (methods.length > 0) {
      const error = new RouterError("method_not_allowed", `${path} takes ${methods.join(", ")}, not ${req.method}`);
      sendRouterError(res, client, error, ["allow", methods.join(", ")]);
    } else {
      sendRouterError(res, client, new RouterError("not_found", `no route ${req.method} ${path}`));
    }
  }

  /** Codex falls back to POST at once on 426, and retries for many seconds on anything else. */
  #refuseUpgrade(req: ClientRequest, socket: Socket): void {
    const error = new RouterError("upgrade_refused", "the router speaks no WebSocket: use plain HTTP");
    const { status, code, message } = error;
    const body = JSON.stringify(clientOf(req.url ?? "/", req).writeError({ status, code, message, own: true }));
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      "content-type: application/json",
      `content-length: ${Buffer.byteLength(body)}`,
      "upgrade: HTTP/1.1",
      "connection: close",
      ...HEADER_LINES,
    ];
    socket.on("error", () => socket.destroy());
    socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  }
}

/** What is not there is nobody's. */
function doorOf(match: Match | undefined): Door {
  if (!match) return "any";
  return match.route.admin === true ? "admin" : "client";
}

/** Agents that add `/v1` or `/v1beta` to a base URL which has it already mean the one. */
function routePath(path: string): string {
  if (path.startsWith("/v1/v1")) return path.slice("/v1".length);
  return path.startsWith("/v1beta/v1") ? path.slice("/v1beta".length) : path;
}

/** Whose error shape to use: that of the route, unless clients of several APIs share it, or there is none. */
function clientOf(path: string, req: ClientRequest, match?: Match): ClientHalf {
  const models = path.includes("/models");
  if (path.startsWith("/v1beta/") || (models && speaksGemini(req.headers))) return geminiClient;
  const anthropic = req.headers["anthropic-version"] !== undefined;
  if (models && anthropic) return anthropicClient;
  if (match) return match.route.client;
  if (path.startsWith("/api/")) return ollamaClient;
  return path.includes("/messages") || anthropic ? anthropicClient : openaiClient;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
