/** Where one is in a list that grows at its top. Nothing chosen: the newest are followed. */
export interface Selection {
  readonly id: string | undefined;
  /** Of the first row shown; kept in view by `windowOf`. */
  readonly top: number;
}

export const FOLLOWING: Selection = { id: undefined, top: 0 };

interface Row {
  readonly id: string;
}

export type Move = "up" | "down" | "pageup" | "pagedown" | "first" | "last";

/** The selection after a key. Up from the newest row follows again. */
export function movedSelection(selection: Selection, rows: readonly Row[], move: Move, height: number): Selection {
  const at = indexIn(rows, selection.id);
  const page = Math.max(1, height - 1);
  const steps: Record<Move, number> = {
    up: at - 1,
    down: at + 1,
    pageup: at === -1 ? -1 : Math.max(0, at - page),
    pagedown: at + page,
    first: -1,
    last: rows.length - 1,
  };
  const target = Math.min(steps[move], rows.length - 1);
  const row = rows[target];
  if (row === undefined) return FOLLOWING;
  return { id: row.id, top: topFor(selection.top, target, height) };
}

export interface Window {
  /** Index of the first row shown, and of the chosen one (-1: none). */
  readonly top: number;
  readonly at: number;
}

/** What of the list is shown: the chosen row stays where it stands while others come in above it, and never leaves. */
export function windowOf(selection: Selection, rows: readonly Row[], height: number): Window {
  const at = indexIn(rows, selection.id);
  if (at === -1) return { top: 0, at };
  return { top: Math.min(topFor(selection.top, at, height), Math.max(0, rows.length - height)), at };
}

/** With rows added above: those shown stay shown. */
export function shifted(selection: Selection, before: readonly Row[], rows: readonly Row[]): Selection {
  if (selection.id === undefined) return selection;
  const was = indexIn(before, selection.id);
  const is = indexIn(rows, selection.id);
  // It is no longer kept, or the filter does not show it.
  if (is === -1) return selection;
  return was === -1 ? selection : { ...selection, top: Math.max(0, selection.top + is - was) };
}

function topFor(top: number, at: number, height: number): number {
  if (at < top) return at;
  return at >= top + height ? at - height + 1 : top;
}

function indexIn(rows: readonly Row[], id: string | undefined): number {
  return id === undefined ? -1 : rows.findIndex((row) => row.id === id);
}
