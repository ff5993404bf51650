import { createContext, useCallback, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { RouterEvent } from "../../../src/record/events.ts";
import type { Api } from "../client/api.ts";
import type { Connection } from "../client/feed.ts";
import type { BookView } from "../live/book.ts";
import type { LiveStore } from "../live/live-store.ts";
import type { LiveRow } from "../live/row.ts";

export interface App {
  api: Api;
  live: LiveStore;
  connection: Connection;
  /** Tries the feed again at once. */
  reconnect(): void;
  /** Says something in passing. */
  toast(text: string, tone?: "plain" | "bad"): void;
}

export const AppContext = createContext<App | undefined>(undefined);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("useApp outside of <AppContext>");
  return app;
}

/** All exchanges the feed told of, drawn anew at most once per frame. */
export function useBook(): BookView {
  const { live } = useApp();
  return useSyncExternalStore(live.subscribe, live.view);
}

/** One exchange the feed told of: drawn anew only when something happened to it. */
export function useLiveRow(id: string): LiveRow | undefined {
  const { live } = useApp();
  return useSyncExternalStore(live.subscribe, () => live.find(id));
}

/** Calls `listener` with each batch of events. */
export function useEvents(listener: (events: readonly RouterEvent[]) => void): void {
  const { live } = useApp();
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => live.onBatch((events) => latest.current(events)), [live]);
}

export interface Loaded<T> {
  /** Of the last answer: stays while it is asked again, and when that fails. */
  data: T | undefined;
  error: Error | undefined;
  isLoading: boolean;
  reload(): void;
}

/** What `load` answers: asked anew when `key` changes and, with `everyMs`, again and again while the page is seen. */
export function useLoaded<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  { everyMs }: { everyMs?: number } = {},
): Loaded<T> {
  const [state, setState] = useState<{ key: string; data?: T; error?: Error; isLoading: boolean }>({
    key,
    isLoading: true,
  });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again
  useEffect(() => {
    const stopped = new AbortController();
    setState((before) => (before.key === key ? { ...before, isLoading: true } : { key, isLoading: true }));
    latest.current(stopped.signal).then(
      (data) => !stopped.signal.aborted && setState({ key, data, isLoading: false }),
      (error: unknown) => {
        if (stopped.signal.aborted) return;
        const told = error instanceof Error ? error : new Error(String(error));
        setState((before) => ({ ...before, error: told, isLoading: false }));
      },
    );
    return () => stopped.abort();
  }, [key, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => !document.hidden && reload(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, reload]);
  const { data, error, isLoading } = state.key === key ? state : { data: undefined, error: undefined, isLoading: true };
  return { data, error, isLoading, reload };
}
