import type { LiveRow } from "../../../web/src/live/row.ts";

/** What is looked for: `provider:main status:error words anywhere`. */
export interface Filter {
  readonly fields: readonly (readonly [FieldName, string])[];
  readonly words: readonly string[];
}

export const FIELDS = ["provider", "model", "tag", "status", "agent", "client", "session", "rule", "plugin"] as const;
export type FieldName = (typeof FIELDS)[number];

const TESTS: Record<FieldName, (row: LiveRow, wanted: string) => boolean> = {
  provider: ({ provider, attempts }, wanted) => has([provider, ...attempts.map((one) => one.provider)], wanted),
  model: ({ requestedModel, sentModel }, wanted) => has([requestedModel, sentModel], wanted),
  tag: ({ tags, responseTags }, wanted) => has([...tags, ...responseTags], wanted),
  status: hasStatus,
  agent: ({ agent }, wanted) => has([agent], wanted),
  client: ({ client }, wanted) => has([client], wanted),
  session: ({ session }, wanted) => has([session], wanted),
  rule: ({ rule }, wanted) => has([rule], wanted),
  plugin: ({ plugins }, wanted) => has(plugins, wanted),
};

/** Words in quotes hold together; a field nobody knows is taken for a word. */
export function filterOf(text: string): Filter {
  const fields: [FieldName, string][] = [];
  const words: string[] = [];
  for (const [raw] of text.toLowerCase().matchAll(/(?:[^\s"]+|"[^"]*"?)+/g)) {
    const word = raw.replaceAll('"', "");
    const cut = word.indexOf(":");
    const field = FIELDS.find((name) => name === word.slice(0, Math.max(cut, 0)));
    const value = word.slice(cut + 1);
    if (field === undefined) words.push(word);
    else if (value !== "") fields.push([field, value]);
  }
  return { fields, words: words.filter((word) => word !== "") };
}

export function isEmpty({ fields, words }: Filter): boolean {
  return fields.length === 0 && words.length === 0;
}

/** Rows that match, in their order: the same array when there is nothing to look for. */
export function filtered(rows: readonly LiveRow[], filter: Filter): readonly LiveRow[] {
  if (isEmpty(filter)) return rows;
  return rows.filter(
    (row) =>
      filter.fields.every(([name, wanted]) => TESTS[name](row, wanted)) &&
      (filter.words.length === 0 || hasWords(row, filter.words)),
  );
}

/** Clients that left are no failures of the router or its providers. */
export function isFailure(outcome: string | null): boolean {
  return outcome !== null && outcome !== "ok" && outcome !== "client-gone";
}

function has(values: readonly (string | null)[], wanted: string): boolean {
  return values.some((value) => value?.toLowerCase().includes(wanted));
}

/** `ok`, `error`, `running`, `failover`, an outcome, or an HTTP status. */
function hasStatus(row: LiveRow, wanted: string): boolean {
  if (wanted === "error") return isFailure(row.outcome);
  if (wanted === "running") return row.endedMs === undefined;
  if (wanted === "failover") return row.attemptCount > 1;
  return row.outcome === wanted || String(row.status) === wanted;
}

/** Rows never change in place, so what can be found in one is put together once. */
const texts = new WeakMap<LiveRow, string>();

function hasWords(row: LiveRow, words: readonly string[]): boolean {
  let text = texts.get(row);
  if (text === undefined) {
    const { preview, requestedModel, sentModel, provider, tags, responseTags, session, agent, client, error } = row;
    const parts = [preview, requestedModel, sentModel, provider, ...tags, ...responseTags, session, agent, client];
    text = [...parts, error, row.outcome, row.id].join("\n").toLowerCase();
    texts.set(row, text);
  }
  const found = text;
  return words.every((word) => found.includes(word));
}
