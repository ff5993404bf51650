import type { RouterEvent } from "../../../src/record/events.ts";
import { ApiError } from "./api.ts";
import { SseParser } from "./sse.ts";

export type Connection =
  | { state: "connecting" }
  | { state: "open" }
  /** Tried again at `retryAtMs` (wall clock). */
  | { state: "lost"; retryAtMs: number; problem: string }
  /** Trying again would not help: the key is wrong. */
  | { state: "refused"; problem: string };

export interface FeedParts {
  /** Opens the feed; `lastId` is of the last event seen. */
  open(lastId: string | undefined, signal: AbortSignal): Promise<Response>;
  onEvent(event: RouterEvent): void;
  /** Events were lost for good between the connection before and this one. */
  onGap(): void;
  onState(connection: Connection): void;
}

const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 5_000;
/** The router says every 15 s that it is there. */
const SILENCE_MS = 40_000;

/**
 * Keeps one connection to the live feed: reads it with fetch, so that key and last id go in headers; after a loss tries again,
 * each time later, and asks for what was missed.
 */
export class FeedClient {
  readonly #parts: FeedParts;
  #lastId: string | undefined;
  #stopped = new AbortController();
  #wake: (() => void) | undefined;
  #failures = 0;

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#stopped = new AbortController();
    void this.#run(this.#stopped.signal);
  }

  stop(): void {
    this.#stopped.abort();
    this.#wake?.();
  }

  /** Does not wait for the next try. */
  retryNow(): void {
    this.#wake?.();
  }

  async #run(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      const problem = await this.#connect(stopped);
      if (stopped.aborted || problem === "refused") return;
      const pause = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures++);
      // Many pages that lost one router do not come back in the same moment.
      const pauseMs = pause * (0.75 + Math.random() / 2);
      this.#parts.onState({ state: "lost", retryAtMs: Date.now() + pauseMs, problem });
      await this.#sleep(pauseMs);
    }
  }

  /** One connection, to its end; resolves with why it ended. */
  async #connect(stopped: AbortSignal): Promise<string> {
    if (this.#failures === 0) this.#parts.onState({ state: "connecting" });
    const silent = new AbortController();
    const signal = AbortSignal.any([stopped, silent.signal]);
    try {
      const response = await this.#parts.open(this.#lastId, signal);
      if (response.status === 401 || response.status === 403) {
        this.#parts.onState({ state: "refused", problem: "the router's key is missing or no longer right" });
        return "refused";
      }
      if (!response.ok || !response.body) return `the router answered ${response.status}`;
      this.#parts.onState({ state: "open" });
      this.#failures = 0;
      await this.#read(response.body, silent);
      return "the connection ended";
    } catch (error) {
      if (silent.signal.aborted) return "the router fell silent";
      return error instanceof ApiError ? error.message : "the connection broke";
    }
  }

  async #read(body: ReadableStream<Uint8Array>, silent: AbortController): Promise<void> {
    const parser = new SseParser();
    const decoder = new TextDecoder();
    const reader = body.getReader();
    let timer = setTimeout(() => silent.abort(), SILENCE_MS);
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(timer);
        timer = setTimeout(() => silent.abort(), SILENCE_MS);
        for (const { event, data } of parser.feed(decoder.decode(value, { stream: true }))) {
          if (event === "message") this.#parts.onEvent(JSON.parse(data));
          else if (event === "missed") this.#parts.onGap();
        }
        this.#lastId = parser.lastId ?? this.#lastId;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
