/** What the router's thread and the PDF thread say to each other. */

/** A file to read. */
export interface ToWorker {
  number: number;
  /** Bare base64. */
  data: string;
  maxPages: number;
}

/** `ready`: it has all it needs to read; then what it read. */
export type FromWorker = { type: "ready" } | { type: "read"; number: number; reading: Reading };

export type Reading = { kind: "read"; pages: Page[]; total: number } | { kind: "problem"; problem: Problem };

/** The text of a page; `""`: it has none; null: it could not be read. */
export type Page = string | null;

export type Problem = "encrypted" | "broken" | "too_large" | "too_slow" | "too_much_memory";
