import { FILTER_NAMES, type Filter, type Filterable, parseFilter } from "../../../src/remote/filter.ts";
import type { LiveRow } from "../../../web/src/live/row.ts";

/** The rows that a filter wants: its language is that of `watch`. Rows never change in place, so each is looked at once. */
export class RowFilter {
  readonly #filter: Filter;
  readonly #known = new WeakMap<LiveRow, boolean>();

  constructor(text: string) {
    this.#filter = parseFilter(text);
  }

  /** In their order. */
  of(rows: readonly LiveRow[]): readonly LiveRow[] {
    return rows.filter((row) => this.#wants(row));
  }

  #wants(row: LiveRow): boolean {
    const known = this.#known.get(row) ?? this.#filter(filterableOf(row));
    this.#known.set(row, known);
    return known;
  }
}

/** Of a value that may be in the middle of being typed the beginning is enough. */
export function whileTyped(text: string): string {
  const [, name] = /(?:^|\s)([a-z]+):(?:"[^"]+|[^\s"]+)$/i.exec(text) ?? [];
  return FILTER_NAMES.some((known) => known === name?.toLowerCase()) ? `${text}*` : text;
}

/** As it stays after typing: what was only begun gets a `*`, where else all that was seen would be gone. */
export function asTyped(text: string, rows: readonly LiveRow[]): string {
  const exact = text.trim();
  const open = whileTyped(exact);
  const isEmpty = (filter: string) => new RowFilter(filter).of(rows).length === 0;
  return isEmpty(exact) && !isEmpty(open) ? open : exact;
}

function filterableOf(row: LiveRow): Filterable {
  const { id, client, agent, key, session, provider, rule, tags, plugins, outcome, status, error, preview } = row;
  return {
    ...{ id, agent, key, session, provider, rule, status, error, preview },
    sent_model: row.sentModel,
    tags: [...tags],
    response_tags: [...row.responseTags],
    plugins: [...plugins],
    attempts: row.attemptCount,
    tried: row.attempts.map((attempt) => attempt.provider),
    ...(client !== null && { client }),
    ...(row.requestedModel !== null && { requested_model: row.requestedModel }),
    ...(outcome !== null && { outcome }),
  };
}
