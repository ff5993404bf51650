import type { Row } from "./row.ts";
import type { RunningBench } from "./start.ts";
import { nameOf, sampleFor, VARIANTS, type Variant } from "./variants.ts";

export interface Cell {
  row: Row;
  variant: Variant;
}

export interface Result extends Cell {
  ms: number;
  /** What the row measures. */
  measuredMs: number | undefined;
  /** Undefined: all as it must be. */
  complaint: string | undefined;
}

/** Rows by all the variants they exist in, in turns, so that no target meets one fault a hundred times in a row. */
export function allCells(rows: readonly Row[]): Cell[] {
  return heavyLast(VARIANTS.flatMap((variant) => cells(rows, variant)));
}

/** About one in 25: see `sampleFor`. */
export function sampleCells(rows: readonly Row[]): Cell[] {
  const fast = rows.filter((row) => !row.slow);
  const sample = fast.flatMap((row, at) => {
    const chosen = sampleFor(at).flatMap((variant) => cells([row], variant));
    // One that exists in few variants is met in the first of them.
    return chosen.length > 0 ? chosen : VARIANTS.flatMap((variant) => cells([row], variant)).slice(0, 1);
  });
  return heavyLast(sample);
}

function heavyLast(list: readonly Cell[]): Cell[] {
  return [...list.filter(({ row }) => !row.heavy), ...list.filter(({ row }) => row.heavy)];
}

function cells(rows: readonly Row[], variant: Variant): Cell[] {
  return rows
    .filter(
      ({ only, where }) => (only === undefined || (only === "stream") === variant.stream) && where?.(variant) !== false,
    )
    .map((row) => ({ row, variant }));
}

/** So many at a time. */
export async function runCells(
  bench: RunningBench,
  list: readonly Cell[],
  atOnce: number,
  done: (result: Result) => void = () => undefined,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...list];
  const work = async () => {
    for (let cell = waiting.shift(); cell && !bench.died; cell = waiting.shift()) {
      const result = await runCell(bench, cell);
      results.push(result);
      done(result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}

async function runCell(bench: RunningBench, { row, variant }: Cell): Promise<Result> {
  const started = performance.now();
  let complaint: string | undefined;
  let measuredMs: number | undefined;
  try {
    const told = await row.check(bench, variant);
    if (typeof told === "number") measuredMs = told;
  } catch (error) {
    complaint = error instanceof Error ? error.message : String(error);
  }
  return { row, variant, ms: performance.now() - started, measuredMs, complaint };
}

export function titleOf({ row, variant }: Cell): string {
  return `${row.number} ${row.fault}: ${nameOf(variant)}`;
}
