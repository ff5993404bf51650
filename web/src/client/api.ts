import type { ExchangeDetail, ExchangePage, ExchangeQuery } from "../../../src/api/exchanges.ts";
import type { Providers } from "../../../src/api/providers.ts";
import type { ConfigSummary, DryRun, Models, Status } from "../../../src/api/routing.ts";
import type { Stats, StatsQuery } from "../../../src/api/stats.ts";

/** What the router said instead of an answer; `status` 0: it could not be reached. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string | undefined;

  constructor(status: number, message: string, code?: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

type Query = Record<string, string | number | undefined>;

/** The router's own API, with the key. */
export class Api {
  readonly #key: string | undefined;

  constructor(key: string | undefined) {
    this.#key = key;
  }

  /** The router wants a key, and the page has one. */
  get hasKey(): boolean {
    return this.#key !== undefined;
  }

  /** Any request to the router, with its key or another; the answer as it is, whatever its status. Rejects with ApiError when there is none. */
  async fetch(path: string, init: RequestInit = {}, key = this.#key): Promise<Response> {
    const headers = new Headers(init.headers);
    if (key !== undefined) headers.set("authorization", `Bearer ${key}`);
    try {
      return await fetch(path, { ...init, headers, cache: "no-store" });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ApiError(0, "the router cannot be reached");
    }
  }

  /** JSON of `path`; rejects with ApiError when the status is not 2xx. The shapes are the server's own: page and server are built together. */
  async json<T>(path: string, init: RequestInit = {}): Promise<T> {
    const response = await this.fetch(path, init);
    if (!response.ok) throw await errorOf(response);
    return response.json();
  }

  get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    return this.json(path + queryText(query), signal ? { signal } : {});
  }

  exchanges(query: Partial<ExchangeQuery>, signal?: AbortSignal): Promise<ExchangePage> {
    return this.get("/router/exchanges", query, signal);
  }

  exchange(id: string, signal?: AbortSignal): Promise<ExchangeDetail> {
    return this.get(`/router/exchanges/${encodeURIComponent(id)}`, {}, signal);
  }

  stats(query: StatsQuery, signal?: AbortSignal): Promise<Stats> {
    return this.get("/router/stats", query, signal);
  }

  models(signal?: AbortSignal): Promise<Models> {
    return this.get("/router/models", {}, signal);
  }

  config(signal?: AbortSignal): Promise<ConfigSummary> {
    return this.get("/router/config", {}, signal);
  }

  status(signal?: AbortSignal): Promise<Status> {
    return this.get("/router/status", {}, signal);
  }

  providers(signal?: AbortSignal): Promise<Providers> {
    return this.get("/router/providers", {}, signal);
  }

  /** Where a request would go. `body` as a client of that dialect would send it; Gemini's does not name the model. */
  route(body: unknown, query: { client: string; model?: string }, signal?: AbortSignal): Promise<DryRun> {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    return this.json(`/router/route${queryText(query)}`, signal ? { ...init, signal } : init);
  }
}

function queryText(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") search.set(name, String(value));
  }
  return search.size === 0 ? "" : `?${search}`;
}

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  const { message, code } = detailsOf(text);
  return new ApiError(response.status, message ?? `the router answered ${response.status}`, code);
}

function detailsOf(text: string): { message?: string; code?: string } {
  try {
    const { error } = JSON.parse(text);
    const message = typeof error === "string" ? error : error?.message;
    return {
      ...(typeof message === "string" && { message }),
      ...(typeof error?.code === "string" && { code: error.code }),
    };
  } catch {
    // Not the router's JSON: something between it and the page answered.
    return {};
  }
}
