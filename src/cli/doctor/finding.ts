/** `skipped`: not looked at, or there is nothing to look at. */
export const STATES = ["ok", "warning", "failed", "skipped"] as const;
export type State = (typeof STATES)[number];

/** What one check found: a row of the report. No text ever holds the value of a key or header. */
export interface Finding {
  /** One or two words. */
  readonly check: string;
  readonly state: State;
  /** What was found. */
  readonly text: string;
  /** What to do about it; on every `failed` one. */
  readonly todo?: string;
  /** How long it took, where that says something. */
  readonly ms?: number;
}

/** Findings of one kind of thing, which have a heading of their own. */
export interface Section {
  readonly title: string;
  readonly findings: readonly Finding[];
}

export function ok(check: string, text: string, ms?: number): Finding {
  return { check, state: "ok", text, ...(ms !== undefined && { ms }) };
}

export function warning(check: string, text: string, todo?: string): Finding {
  return { check, state: "warning", text, ...(todo !== undefined && { todo }) };
}

export function failed(check: string, text: string, todo: string): Finding {
  return { check, state: "failed", text, todo };
}

export function skipped(check: string, text: string): Finding {
  return { check, state: "skipped", text };
}

/** `1 request`, `2 requests`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
