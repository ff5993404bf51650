import type { LiveRow } from "./row.ts";

/** Two lists that are newest first become one: those under way on top, none twice. Of two rows of one exchange the feed's stays. */
export function merged(seen: readonly LiveRow[], stored: readonly LiveRow[]): readonly LiveRow[] {
  if (stored.length === 0) return seen;
  const known = new Set(seen.map(({ id }) => id));
  const rows: LiveRow[] = [];
  let at = 0;
  for (const row of stored) {
    if (known.has(row.id)) continue;
    for (let next = seen[at]; next && isBefore(next, row); next = seen[++at]) rows.push(next);
    rows.push(row);
  }
  return [...rows, ...seen.slice(at)];
}

function isBefore(seen: LiveRow, stored: LiveRow): boolean {
  return seen.endedMs === undefined || seen.endedMs >= (stored.endedMs ?? 0);
}
