import { CHUNKS } from "./bodies.ts";
import { percentile } from "./figures.ts";
import { askFor, type Question, type Ready } from "./lineup.ts";
import type { LoadOrder, LoadResult } from "./load.ts";
import { cpuMicros, rssMb } from "./processes.ts";

export type Load = (order: LoadOrder) => Promise<LoadResult>;

export interface Sample {
  /** Requests a second, whole or streamed. */
  readonly perSecond: number;
  /** Of the process with all its threads: of each request, or each event of a stream. */
  readonly cpuMicros: number;
  /** ms to the last byte of whole answers, to the first of streams. */
  readonly p50: number;
  readonly p99: number;
  /** ms that a stream stood still: the longest of each, its median and the worst. */
  readonly stallP50: number;
  readonly stallMost: number;
  readonly rssMb: number;
}

/** How one case is measured. */
export interface Terms extends Question {
  readonly connections: number;
  readonly ms: number;
  /** No more than so many in a round; else as many as go. */
  readonly requests?: number;
}

/** What one contender did in one case, round by round. */
export interface Result {
  readonly name: string;
  readonly samples: readonly Sample[];
}

export interface Results {
  readonly results: readonly Result[];
  /** Who failed on the way, a sentence each. */
  readonly failed: readonly string[];
}

/** As long as so many rounds: until then V8 compiles. */
const WARM_UP = 3;

/** Rounds A B C, A B C, …, after one that warms up. Who fails a request is out. */
export async function interleaved(
  load: Load,
  contenders: readonly Ready[],
  terms: Terms,
  rounds: number,
): Promise<Results> {
  const all = new Map(contenders.map((one): [Ready, Sample[]] => [one, []]));
  const failed: string[] = [];
  for (let round = -1; round < rounds; round++)
    for (const [one, samples] of all)
      try {
        const sample = await sampleOf(load, one, round < 0 ? { ...terms, ms: WARM_UP * terms.ms } : terms);
        if (round >= 0) samples.push(sample);
      } catch (error) {
        all.delete(one);
        failed.push(`${one.name} is left out: ${error instanceof Error ? error.message : String(error)}.`);
      }
  return { results: [...all].map(([{ name }, samples]) => ({ name, samples })), failed };
}

async function sampleOf(load: Load, one: Ready, terms: Terms): Promise<Sample> {
  const { url, pid } = one.running;
  const { path, body, stream } = askFor(one, terms);
  const { connections, ms, requests = 1e9 } = terms;
  const before = cpuMicros(pid);
  const result = await load({ url, path, body, headers: one.headers, connections, ms, requests });
  if (result.errors > 0) throw new Error(`${result.errors} of ${result.requests} requests failed`);
  const times = stream ? result.first : result.total;
  return {
    perSecond: result.requests / result.seconds,
    cpuMicros: (cpuMicros(pid) - before) / result.requests / (stream ? CHUNKS : 1),
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    stallP50: percentile(result.gaps, 0.5),
    stallMost: percentile(result.gaps, 1),
    rssMb: rssMb(pid),
  };
}

export function valuesOf({ samples }: Result, figure: keyof Sample): number[] {
  return samples.map((sample) => sample[figure]);
}

/** Round by round as a share of the other's: what the machine did meanwhile, it did to both. */
export function ratios(one: Result, other: Result, figure: keyof Sample): number[] {
  return valuesOf(one, figure).map((value, round) => value / (other.samples[round]?.[figure] ?? Number.NaN));
}
