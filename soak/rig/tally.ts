import type { Answer } from "./line.ts";

/** What became of the requests of a load. */
export class Tally {
  answers = 0;
  /** Of those with status 200 and an end: ms from request to end. */
  readonly tookMs: number[] = [];
  /** How often each thing went wrong: `status 503`, `broken off`, `no answer`. */
  readonly wrong = new Map<string, number>();

  add(answer: Answer): void {
    this.answers++;
    const trouble = troubleOf(answer);
    if (trouble === undefined) this.tookMs.push(answer.endedAt - answer.sentAt);
    else this.wrong.set(trouble, (this.wrong.get(trouble) ?? 0) + 1);
  }

  get good(): number {
    return this.tookMs.length;
  }

  get failed(): number {
    return this.answers - this.good;
  }

  /** `3 × status 503, 1 × broken off`; empty when nothing went wrong. */
  troubles(): string {
    return [...this.wrong].map(([what, count]) => `${count} × ${what}`).join(", ");
  }
}

export function troubleOf({ status, whole }: Answer): string | undefined {
  if (status === 0) return "no answer";
  if (status !== 200) return `status ${status}`;
  return whole ? undefined : "broken off";
}
