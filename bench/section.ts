/** How long to measure: `quick` is for trying things out. */
export interface Effort {
  /** Interleaved, of each case. */
  readonly rounds: number;
  /** Of each round. */
  readonly seconds: number;
}

/** One table of `docs/performance.md`, and what stands above and below it. */
export interface Measured {
  /** Markdown: what was done, in which unit. */
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Markdown: what strikes, if the figures show it by themselves. */
  readonly notes?: string;
  /** A picture of its own below the table. */
  readonly chart?: Chart;
  /** What `goals.ts` looks for, by the names it has there. */
  readonly figures?: Readonly<Record<string, number>>;
}

export interface Chart {
  readonly title: string;
  /** What the x axis holds: labels of bars, or numbers on a logarithmic axis. */
  readonly x: readonly string[] | readonly number[];
  readonly y: string;
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** A part of `npm run bench`: `npm run bench -- scaling` runs those whose name holds the word. */
export interface Section {
  readonly name: string;
  readonly title: string;
  measure(effort: Effort): Promise<Measured>;
}
