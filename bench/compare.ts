import type { Contender } from "./contenders/contender.ts";
import { bareProxy } from "./contenders/ours.ts";
import { lineUp } from "./lineup.ts";
import { during, startLoad, startServer } from "./processes.ts";
import { interleaved, type Terms } from "./rounds.ts";
import type { Effort } from "./section.ts";
import type { Case } from "./tables.ts";

/** What all others are compared with. */
export const YARDSTICK = bareProxy.name;

/** A case as it is asked for; the length of a round is a matter of effort. */
export interface CaseTerms extends Omit<Terms, "ms"> {
  readonly name: string;
}

export interface Comparison {
  readonly contenders: readonly Contender[];
  readonly cases: readonly CaseTerms[];
  /** Between two events of a stream; 0 is as fast as it goes. */
  readonly paceMs: number;
}

/** Measures each case with all contenders that take its API, and the yardstick. Nothing it started is left when it is over. */
export function compare(
  { contenders, cases, paceMs }: Comparison,
  { rounds, seconds }: Effort,
): Promise<{ cases: Case[]; remarks: string[] }> {
  return during(async () => {
    const load = startLoad();
    const upstream = await startServer("bench/upstream.ts", [], { env: { PACE_MS: String(paceMs) } });
    const { ready, absent } = await lineUp(contenders, upstream.url, cases);
    const measured: Case[] = [];
    const remarks = [...absent];
    for (const { name, ...terms } of cases) {
      const able = ready.filter((one) => one.takes.includes(terms.api) || one.name === YARDSTICK);
      const { results, failed } = await interleaved(load, able, { ...terms, ms: seconds * 1000 }, rounds);
      measured.push({ name, results });
      remarks.push(...failed.map((sentence) => `${name}: ${sentence}`));
    }
    return { cases: measured, remarks };
  });
}
