import { exchangeDetailSchema, exchangePageSchema } from "../../../src/api/exchanges.ts";
import { type Providers, providersSchema } from "../../../src/api/providers.ts";
import { asString, isObject, type JsonObject, objectsOf, tryParseJson } from "../../../src/core/json.ts";
import type { CompleteEvent, RouterEvent } from "../../../src/record/events.ts";
import { type FeedItem, watchFeed } from "../../../src/remote/feed.ts";
import { RemoteError, type RemoteRouter } from "../../../src/remote/remote-router.ts";
import { rowOfStored } from "../../../web/src/live/row.ts";
import { Book } from "../feed/book.ts";
import { Statistics } from "../stats/statistics.ts";

export type Connection =
  | { readonly state: "connecting" | "live" }
  | { readonly state: "lost"; readonly reason: string; readonly retryAtMs: number }
  /** It answers, but not to us. */
  | { readonly state: "refused"; readonly reason: string };

export interface LiveParts {
  readonly router: RemoteRouter;
  readonly now: () => number;
  /** Something is another than it was. */
  changed(): void;
  /** Something its user should read. */
  notice(text: string, isBad: boolean): void;
  completed(event: CompleteEvent): void;
  /** It cannot be watched at all. */
  refused(error: RemoteError): void;
}

const HISTORY = 100;
const SLOW_POLL_MS = 10_000;
const FAST_POLL_MS = 2_000;
const REFUSED_PAUSE_MS = 5_000;

/** What is known of the router: told by its feed, and asked for now and then. */
export class Live {
  readonly book = new Book();
  readonly stats: Statistics;
  connection: Connection = { state: "connecting" };
  providers: { answer: Providers; atMs: number } | undefined;
  providersProblem: string | undefined;
  models: readonly string[] = [];
  /** Its providers are being looked at. */
  isWatched = false;
  readonly #parts: LiveParts;
  #askedMs = 0;
  #isAsking = false;
  #wasLive = false;

  constructor(parts: LiveParts) {
    this.#parts = parts;
    this.stats = new Statistics(parts.now());
  }

  /** Follows the feed until told to stop. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const item of watchFeed(this.#parts.router, { progress: true, signal })) this.#take(item);
      } catch (cause) {
        if (!(cause instanceof RemoteError)) throw cause;
        if (!this.#wasLive) return this.#parts.refused(cause);
        this.#connect({ state: "refused", reason: cause.message });
        await pause(REFUSED_PAUSE_MS, signal);
      }
    }
  }

  /** Asks for its providers when it is time; called every now and then. */
  poll(): void {
    const pauseMs = this.isWatched ? FAST_POLL_MS : SLOW_POLL_MS;
    if (this.connection.state !== "live" || this.#isAsking || this.#parts.now() - this.#askedMs < pauseMs) return;
    this.askProviders();
  }

  askProviders(): void {
    this.#isAsking = true;
    this.#askedMs = this.#parts.now();
    this.#parts.router
      .get("/router/providers", providersSchema)
      .then(
        (answer) => {
          this.providers = { answer, atMs: this.#parts.now() };
          this.providersProblem = undefined;
          this.stats.know(answer.providers.map(({ name }) => name));
        },
        (cause: unknown) => {
          this.providersProblem = cause instanceof Error ? cause.message : String(cause);
        },
      )
      .finally(() => {
        this.#isAsking = false;
        this.#parts.changed();
      });
  }

  /** The record of an exchange, from what is kept here or from the router's store; a text says why there is none. */
  async record(id: string): Promise<JsonObject | string> {
    const kept = this.book.record(id);
    if (kept !== undefined) return objectOf(kept) ?? "";
    try {
      const detail = await this.#parts.router.get(`/router/exchanges/${encodeURIComponent(id)}`, exchangeDetailSchema);
      return objectOf(detail.record) ?? detail.record_missing ?? "the router has no record of it";
    } catch (cause) {
      return cause instanceof Error ? cause.message : String(cause);
    }
  }

  #take(item: FeedItem): void {
    const { now, notice } = this.#parts;
    switch (item.type) {
      case "connected":
        this.#connect({ state: "live" });
        this.#begin();
        return;
      case "disconnected":
        this.#connect({ state: "lost", reason: item.reason, retryAtMs: now() + item.retryMs });
        return;
      case "missed":
        this.book.forgetFlying();
        this.stats.forgetFlying();
        notice(item.why === "restarted" ? "the router was restarted" : "some events were missed", false);
        return;
      default:
        this.#event(item);
    }
    this.#parts.changed();
  }

  #event(event: RouterEvent): void {
    const { now, notice, completed, changed } = this.#parts;
    this.stats.take(event, now());
    if ("id" in event) this.book.take(event);
    if (event.type === "complete") completed(event);
    if (event.type === "provider") {
      const who = event.model === null ? event.provider : `${event.provider}/${event.model}`;
      notice(`${who} ${STATES[event.state]}: ${event.reason}`, event.state === "open" || event.alarm !== null);
      this.#askedMs = 0;
    }
    if (event.type === "config") {
      const { ok, version, problems, changes, source } = event;
      const isBack = source === "rollback";
      const count = changes.length === 1 ? "1 change" : `${changes.length} changes`;
      const told = ok && !isBack ? `config version ${version} answers: ${count}` : (problems[0] ?? "");
      notice(ok ? told : `config not taken: ${told}`, !ok || isBack);
      this.#askedMs = 0;
    }
    if (event.type === "log") notice(event.ok ? `the log is written again` : `log: ${event.error ?? ""}`, !event.ok);
    changed();
  }

  #connect(connection: Connection): void {
    this.connection = connection;
    this.#parts.changed();
  }

  /** What is asked for with each connection, and with the first. */
  #begin(): void {
    this.askProviders();
    this.#askModels();
    if (!this.#wasLive) this.#askHistory();
    this.#wasLive = true;
  }

  /** What happened before; without a store there is nothing to be had. */
  #askHistory(): void {
    this.#parts.router.get(`/router/exchanges?limit=${HISTORY}`, exchangePageSchema).then(
      ({ exchanges }) => {
        this.book.fill(exchanges.map(rowOfStored).reverse());
        this.#parts.changed();
      },
      () => undefined,
    );
  }

  #askModels(): void {
    this.#models().then(
      (models) => {
        this.models = models;
        this.#parts.changed();
      },
      // The chat asks whatever model it is told to all the same.
      () => undefined,
    );
  }

  async #models(): Promise<string[]> {
    const response = await this.#parts.router.request("/v1/models");
    const body = tryParseJson(await response.text());
    return isObject(body) ? objectsOf(body["data"]).flatMap((model) => asString(model["id"]) ?? []) : [];
  }
}

const STATES = { open: "is left alone", closed: "is in use", probing: "is being tried" } as const;

function objectOf(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
