import { useCallback, useEffect, useRef, useState } from "react";
import type { ExchangePage } from "../../../../src/api/exchanges.ts";
import { useApp } from "../../app/context.ts";
import { type Filter, queryOf } from "../../live/filter.ts";
import { type LiveRow, rowOfStored } from "../../live/row.ts";

export interface Older {
  rows: readonly LiveRow[];
  /** All there is was loaded. */
  isEnd: boolean;
  isLoading: boolean;
  error: Error | undefined;
  more(): void;
}

interface State {
  key: string;
  rows: readonly LiveRow[];
  next: string | undefined;
  isEnd: boolean;
  isLoading: boolean;
  error: Error | undefined;
}

const PAGE = 100;
/** A page may be empty and have a next one; so many are asked for in a row before the reader is asked to go on. */
const MAX_EMPTY = 5;
const fresh = (key: string): State => ({
  key,
  rows: [],
  next: undefined,
  isEnd: false,
  isLoading: false,
  error: undefined,
});

interface Wanted {
  filter: Filter;
  /** Null: all there are. */
  untilMs: number | null;
  /** Another number asks anew. */
  round: number;
}

/** What the store has, newest first: the first page as soon as the feed is open (what ends from then on it tells), more when asked for. */
export function useOlder(wanted: Wanted): Older {
  const { api, connection } = useApp();
  const isReady = connection.state !== "connecting";
  const key = JSON.stringify(wanted);
  const [state, setState] = useState<State>(fresh(key));
  const current = useRef(state);
  current.current = state.key === key ? state : fresh(key);
  const running = useRef<AbortController>(undefined);
  const more = useCallback(async () => {
    const before = current.current;
    if (before.isLoading || before.isEnd || before.key !== key) return;
    const stopped = new AbortController();
    running.current = stopped;
    const set = (after: State) => {
      if (stopped.signal.aborted) return;
      current.current = after;
      setState(after);
    };
    set({ ...before, isLoading: true, error: undefined });
    try {
      const { filter, untilMs }: Wanted = JSON.parse(key);
      const until = untilMs === null ? {} : { until_ms: untilMs };
      let next = before.next;
      let page: ExchangePage;
      let tries = 0;
      do {
        const query = { ...queryOf(filter), ...until, limit: PAGE, ...(next !== undefined && { before: next }) };
        page = await api.exchanges(query, stopped.signal);
        next = page.next ?? undefined;
      } while (page.exchanges.length === 0 && next !== undefined && ++tries < MAX_EMPTY);
      const rows = [...before.rows, ...page.exchanges.map(rowOfStored)];
      set({ key, rows, next, isEnd: next === undefined, isLoading: false, error: undefined });
    } catch (error) {
      set({ ...before, isLoading: false, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }, [api, key]);
  useEffect(() => {
    if (isReady) void more();
  }, [more, isReady]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question ends the one before
  useEffect(() => () => running.current?.abort(), [key]);
  return { ...current.current, more };
}
