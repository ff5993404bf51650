/** How much of everything: the published figures, or a short run while the code changes. */
export interface Size {
  quick: boolean;
  /** A count: the full one, or the quick one; `--count N` replaces both. */
  count(full: number, quick: number): number;
}

export interface Outcome {
  /** For the table, in one line. */
  measured: string;
  passed: boolean;
  /** What went wrong, line by line, for whoever has to find out why. */
  complaints: string[];
}

/** One promise of docs/reliability.md and how it is measured: real router, upstream and clients in a process each. */
export interface Scenario {
  name: string;
  /** As the table has them. */
  figure: string;
  goal: string;
  run(size: Size): Promise<Outcome>;
}

/** Collects what is wrong; a scenario passes when nothing is. */
export class Verdict {
  readonly complaints: string[] = [];

  /** Notes a complaint unless it holds. */
  expect(holds: boolean, complaint: string): void {
    if (!holds) this.complaints.push(complaint);
  }

  outcome(measured: string): Outcome {
    return { measured, passed: this.complaints.length === 0, complaints: this.complaints };
  }
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** `4.2 ms`. */
export function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

export function thousands(count: number): string {
  return count.toLocaleString("en-US");
}
