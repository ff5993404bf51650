import { setTimeout as sleep } from "node:timers/promises";
import { isObject, tryParseJson } from "../core/json.ts";
import type { MissedEvent, RouterEvent } from "../record/events.ts";
import { LineDecoder } from "../wire/bytes/lines.ts";
import { RemoteError, type RemoteRouter } from "./remote-router.ts";

/** How the connection to the feed is: part of what `watchFeed` gives, for whoever shows it. */
export type ConnectionNotice =
  | { readonly type: "connected" }
  /** It is tried again after `retryMs`. */
  | { readonly type: "disconnected"; readonly reason: string; readonly retryMs: number };

export type FeedItem = RouterEvent | MissedEvent | ConnectionNotice;

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** The feed gives a sign of life every 15 s. */
const SILENCE_MS = 45_000;

export interface WatchFeedOptions {
  /** Also what is being said. */
  readonly progress?: boolean;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/**
 * The events of a router, for as long as wanted: it connects again by itself, and what came meanwhile is caught up where the
 * router still has it (`missed` where not). Throws `RemoteError` when that is of no use: wrong key, no feed there.
 */
export async function* watchFeed(router: RemoteRouter, options: WatchFeedOptions = {}): AsyncGenerator<FeedItem> {
  const position: Position = { id: undefined };
  let pauseMs = FIRST_PAUSE_MS;
  while (!options.signal?.aborted) {
    let reason = "the router closed the feed";
    try {
      for await (const item of connection(router, position, options)) {
        pauseMs = FIRST_PAUSE_MS;
        yield item;
      }
    } catch (cause) {
      if (options.signal?.aborted) return;
      if (cause instanceof RemoteError && ["unauthorized", "absent"].includes(cause.kind))
        throw explained(cause, router);
      reason = cause instanceof Error ? cause.message : String(cause);
    }
    if (options.signal?.aborted) return;
    yield { type: "disconnected", reason, retryMs: pauseMs };
    await sleep(pauseMs, undefined, options.signal ? { signal: options.signal } : {}).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

interface Position {
  /** Of the last event that came. */
  id: string | undefined;
}

async function* connection(
  router: RemoteRouter,
  position: Position,
  { progress, signal }: WatchFeedOptions,
): AsyncGenerator<FeedItem> {
  const silence = new AbortController();
  const signals = signal ? [signal, silence.signal] : [silence.signal];
  const headers = position.id === undefined ? {} : { "last-event-id": position.id };
  const alarm = setTimeout(() => silence.abort(new Error("the feed went silent")), SILENCE_MS);
  try {
    const response = await router.request(`/dashboard/events${progress ? "?progress=1" : ""}`, {
      headers,
      signal: AbortSignal.any(signals),
    });
    yield { type: "connected" };
    const items: FeedItem[] = [];
    const lines = new LineDecoder((line) => take(line, position, items));
    for await (const chunk of response.body ?? []) {
      alarm.refresh();
      lines.push(chunk);
      yield* items.splice(0);
    }
  } finally {
    clearTimeout(alarm);
    // Closes a connection whose reader stopped in the middle.
    silence.abort();
  }
}

/** Our feed has one `data:` line for each event, after its `id:`. */
function take(line: string, position: Position, items: FeedItem[]): void {
  if (line.startsWith("id: ")) position.id = line.slice(4);
  if (!line.startsWith("data: ")) return;
  const value = tryParseJson(line.slice(6));
  if (isEvent(value)) items.push(value);
}

/** What a router sends is believed to be what its `type` says: see docs/events.md. */
function isEvent(value: unknown): value is RouterEvent | MissedEvent {
  return isObject(value) && typeof value["type"] === "string";
}

function explained(error: RemoteError, { base }: RemoteRouter): RemoteError {
  if (error.kind !== "absent") return error;
  return new RemoteError(
    "absent",
    `the router at ${base} has no feed: set dashboard = true under [server] in its config`,
  );
}
