import type { ExchangeQuery } from "../../../src/api/exchanges.ts";
import { isFailure } from "./book.ts";
import type { LiveRow } from "./row.ts";

/** The names are those of the query of `GET /router/exchanges`, and of the page's address. */
export const FILTERS = ["outcome", "provider", "model", "client", "agent", "tag", "rule", "session"] as const;
export type FilterName = (typeof FILTERS)[number];
export type Filter = Partial<Record<FilterName | "q", string>>;

export function filterOf(params: URLSearchParams): Filter {
  const filter: Filter = {};
  for (const name of [...FILTERS, "q"] as const) {
    const value = params.get(name);
    if (value) filter[name] = value;
  }
  return filter;
}

export function isEmptyFilter(filter: Filter): boolean {
  return Object.keys(filter).length === 0;
}

/** What the store is asked, so that it finds the same rows. */
export function queryOf(filter: Filter): Partial<ExchangeQuery> {
  return { ...filter };
}

const TESTS: Record<FilterName, (row: LiveRow, wanted: string) => boolean> = {
  outcome: (row, wanted) => (wanted === "error" ? isFailure(row.outcome) : row.outcome === wanted),
  provider: (row, wanted) => row.provider === wanted,
  model: (row, wanted) => row.requestedModel === wanted || row.sentModel === wanted,
  client: (row, wanted) => row.client === wanted,
  agent: (row, wanted) => row.agent === wanted,
  tag: (row, wanted) => row.tags.includes(wanted) || row.responseTags.includes(wanted),
  rule: (row, wanted) => row.rule === wanted,
  session: (row, wanted) => row.session === wanted,
};

/** Rows that match, in their order: the same array when there is nothing to filter by. */
export function filtered(rows: readonly LiveRow[], filter: Filter): readonly LiveRow[] {
  if (isEmptyFilter(filter)) return rows;
  const words = (filter.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const active = FILTERS.flatMap((name) => {
    const wanted = filter[name];
    return wanted === undefined ? [] : [(row: LiveRow) => TESTS[name](row, wanted)];
  });
  return rows.filter((row) => active.every((test) => test(row)) && hasWords(row, words));
}

/** Rows never change in place, so what can be found in one need be put together once only. */
const texts = new WeakMap<LiveRow, string>();

function hasWords(row: LiveRow, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  let text = texts.get(row);
  if (text === undefined) {
    const { preview, requestedModel, sentModel, provider, tags, responseTags, session, agent, client, error, id } = row;
    const parts = [
      preview,
      requestedModel,
      sentModel,
      provider,
      ...tags,
      ...responseTags,
      session,
      agent,
      client,
      error,
    ];
    text = [...parts, row.outcome, id].join("\n").toLowerCase();
    texts.set(row, text);
  }
  return words.every((word) => text.includes(word));
}
