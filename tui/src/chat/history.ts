import { type Draft, draftOf } from "./editor.ts";

const MAX = 100;

/** What was sent, to be had again; what is being written is kept while one looks back. */
export interface History {
  readonly sent: readonly string[];
  /** Of `sent`; its length: what is being written. */
  readonly at: number;
  readonly written: string;
}

export const NO_HISTORY: History = { sent: [], at: 0, written: "" };

/** After something was sent. */
export function remembered({ sent }: History, text: string): History {
  const kept = sent.at(-1) === text ? sent : [...sent, text].slice(-MAX);
  return { sent: kept, at: kept.length, written: "" };
}

/** The one before (-1) or after (1); undefined: there is none. */
export function recalled(history: History, draft: Draft, step: -1 | 1): { history: History; draft: Draft } | undefined {
  const { sent, at, written } = history;
  const next = at + step;
  if (next < 0 || next > sent.length) return undefined;
  const kept = at === sent.length ? draft.text : written;
  return { history: { sent, at: next, written: kept }, draft: draftOf(sent[next] ?? kept) };
}
