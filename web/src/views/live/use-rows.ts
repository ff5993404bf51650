import { useMemo, useRef } from "react";
import { useApp, useBook } from "../../app/context.ts";
import type { BookView } from "../../live/book.ts";
import { type Filter, filtered } from "../../live/filter.ts";
import { merged } from "../../live/merge.ts";
import type { LiveRow } from "../../live/row.ts";
import { type Older, useOlder } from "./older.ts";

export interface Rows {
  rows: readonly LiveRow[];
  /** So many came since the list was held. */
  waiting: number;
  /** Under way, of those shown. */
  flying: number;
  older: Older;
}

/**
 * The rows of the list. Held (paused, scrolled, a row selected) it keeps its order, so that nothing runs away from under the
 * reader; rows under way go on filling in, unless it is paused.
 */
export function useRows(filter: Filter, isHeld: boolean, isPaused: boolean): Rows {
  const { live } = useApp();
  const now = useBook();
  const held = useRef<BookView>(undefined);
  if (!isHeld) held.current = undefined;
  else held.current ??= now;
  const view = held.current ?? now;
  const older = useOlder({ filter, untilMs: untilMs(view, held.current !== undefined), round: now.gaps });
  const shown = useMemo(() => filtered([...view.flying, ...view.done], filter), [view, filter]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `now` says that rows may have changed
  const fresh = useMemo(() => {
    if (!isHeld || isPaused) return shown;
    return shown.map((row) => (row.endedMs === undefined ? (live.find(row.id) ?? row) : row));
  }, [shown, isHeld, isPaused, live, now]);
  const rows = useMemo(() => merged(fresh, older.rows), [fresh, older.rows]);
  return {
    rows,
    waiting: arrivedSince(view, now),
    flying: shown.filter((row) => row.endedMs === undefined).length,
    older,
  };
}

/** Rows the page itself no longer keeps come from the store; that is asked anew only while the list stands still. */
function untilMs(view: BookView, isHeld: boolean): number | null {
  const oldest = view.done.at(-1)?.endedMs;
  const isCut = view.completed > view.done.length;
  return isHeld && isCut && oldest !== undefined ? oldest : null;
}

function arrivedSince(view: BookView, now: BookView): number {
  return now.completed + now.flying.length - view.completed - view.flying.length;
}
