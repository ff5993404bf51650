import { createHash } from "node:crypto";
import type { ExchangeQuery, ExchangeRow } from "../../api/exchanges.ts";
import { isError } from "../rollup/tally.ts";

/** Of one exchange; its record has all of them. */
const MAX_WORDS = 80;
const WORD_CHARS = 40;
/** Written without spaces: every character is a word. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu;

/** The words of a text as they are searched: without case, accents and punctuation. */
export function wordsOf(text: string): string[] {
  const words = /[^\0-\x7f]/.test(text) ? foldedWords(text) : (text.toLowerCase().match(/[a-z0-9]+/g) ?? []);
  return words.map((word) => (word.length > WORD_CHARS ? word.slice(0, WORD_CHARS) : word));
}

function foldedWords(text: string): string[] {
  const plain = text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(UNSPACED, " $& ");
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** What a search finds an exchange by. */
export function searchWords(row: ExchangeRow): Set<string> {
  const { requested_model, sent_model, provider, tags, response_tags, session, agent, error, preview } = row;
  const names = [provider, requested_model, sent_model, ...tags, ...response_tags, agent, session];
  const words: string[] = [];
  for (const name of names) if (name !== null) words.push(...remembered(wordsOfNames, name, wordsOf));
  for (const text of [preview, error]) if (text !== null) words.push(...wordsOf(text));
  return new Set(words.length > MAX_WORDS ? words.slice(0, MAX_WORDS) : words);
}

/** One word for each thing lists can be filtered by: the search index then finds any combination of them. */
export function facetWords(row: ExchangeRow): Set<string> {
  const words = [
    facet("m", row.requested_model),
    facet("c", row.client),
    facet("o", row.outcome),
    ...[...row.tags, ...row.response_tags].map((tag) => facet("t", tag)),
  ];
  if (isError(row)) words.push(ERROR);
  if (row.sent_model !== null) words.push(facet("m", row.sent_model));
  if (row.provider !== null) words.push(facet("p", row.provider));
  if (row.agent !== null) words.push(facet("a", row.agent));
  if (row.key !== null) words.push(facet("k", row.key));
  if (row.session !== null) words.push(facet("s", row.session));
  if (row.rule !== null) words.push(facet("r", row.rule));
  return new Set(words);
}

const ERROR = "0error";

/** What a query asks for; all of them must be there. */
export function facetsAsked(query: ExchangeQuery): string[] {
  const { provider, model, client, agent, client_key: key, session, tag, rule, outcome } = query;
  const asked = { p: provider, m: model, c: client, a: agent, k: key, s: session, t: tag, r: rule };
  const words = Object.entries(asked).flatMap(([kind, value]) => (value === undefined ? [] : [facet(kind, value)]));
  if (outcome !== undefined) words.push(outcome === "error" ? ERROR : facet("o", outcome));
  return words;
}

/** Begins with 0: no other word looks like it. */
function facet(kind: string, value: string): string {
  const key = kind + value;
  return remembered(facets, key, () => `0${kind}${createHash("sha1").update(value).digest("hex").slice(0, 12)}`);
}

/** Names come again and again, and hashing them costs more than all the rest. */
const facets = new Map<string, string>();
const wordsOfNames = new Map<string, string[]>();
const MAX_REMEMBERED = 10_000;

function remembered<T>(known: Map<string, T>, name: string, make: (name: string) => T): T {
  const before = known.get(name);
  if (before !== undefined) return before;
  const made = make(name);
  if (known.size >= MAX_REMEMBERED) known.clear();
  known.set(name, made);
  return made;
}
