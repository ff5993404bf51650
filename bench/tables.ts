import { median, spread } from "./figures.ts";
import { type Result, ratios, type Sample, valuesOf } from "./rounds.ts";
import type { Chart } from "./section.ts";

/** Results of one case, and what they are called. */
export interface Case {
  readonly name: string;
  readonly results: readonly Result[];
}

interface Column {
  readonly head: string;
  readonly cell: (result: Result, yardstick: Result | undefined) => string;
}

function figure(head: string, name: keyof Sample, digits: number): Column {
  return { head, cell: (result) => spread(valuesOf(result, name), digits) };
}

const none = "–";

function ratio(head: string, name: keyof Sample, of: (values: number[]) => string): Column {
  return {
    head,
    cell: (result, yardstick) =>
      yardstick === undefined || yardstick === result ? none : of(ratios(result, yardstick, name)),
  };
}

const percent = (values: number[]) =>
  spread(
    values.map((value) => 100 * value),
    0,
    " %",
  );
const times = (values: number[]) => spread(values, 2, " ×");

const SHARE = ratio("of bare", "perSecond", percent);
const CPU_RATIO = ratio("× bare", "cpuMicros", times);
const RSS: Column = { head: "RSS MB", cell: (result) => median(valuesOf(result, "rssMb")).toFixed(0) };

export const WHOLE: readonly Column[] = [
  figure("req/s", "perSecond", 0),
  SHARE,
  figure("CPU µs", "cpuMicros", 0),
  CPU_RATIO,
  figure("p50 ms", "p50", 1),
  figure("p99 ms", "p99", 1),
  RSS,
];

export const STREAMED: readonly Column[] = [
  figure("streams/s", "perSecond", 0),
  SHARE,
  figure("CPU µs per event", "cpuMicros", 1),
  CPU_RATIO,
  figure("first byte p50 ms", "p50", 1),
  figure("p99 ms", "p99", 1),
  figure("longest stall ms: of the median stream", "stallP50", 0),
  figure("of the worst", "stallMost", 0),
  RSS,
];

/** A row for each contender in each case. */
export function tableOf(
  cases: readonly Case[],
  columns: readonly Column[],
  yardstick: string,
): { columns: string[]; rows: string[][] } {
  const rows = cases.flatMap(({ name, results }) => {
    const measured = results.find((result) => result.name === yardstick);
    return results.map((result) => [name, result.name, ...columns.map(({ cell }) => cell(result, measured))]);
  });
  return { columns: ["", "through", ...columns.map(({ head }) => head)], rows };
}

/** Bars: a group for each case. Who is not in all of them has gaps. */
export function chartOf(cases: readonly Case[], figure: keyof Sample, title: string, y: string): Chart {
  const names = [...new Set(cases.flatMap(({ results }) => results.map(({ name }) => name)))];
  return {
    title,
    x: cases.map(({ name }) => name),
    y,
    series: names.map((name) => ({ name, values: cases.map((each) => middle(each, name, figure)) })),
  };
}

/** NaN where it was not measured. */
export function middle({ results }: Case, name: string, figure: keyof Sample): number {
  const result = results.find((each) => each.name === name);
  return result === undefined ? Number.NaN : median(valuesOf(result, figure));
}

/** Of the ratios of each round. NaN where one of both was not measured. */
export function middleRatio({ results }: Case, one: string, other: string, figure: keyof Sample): number {
  const [a, b] = [one, other].map((name) => results.find((each) => each.name === name));
  return a === undefined || b === undefined ? Number.NaN : median(ratios(a, b, figure));
}

export function notesOf(sentences: readonly string[]): { notes?: string } {
  return sentences.length === 0 ? {} : { notes: [...new Set(sentences)].map((sentence) => `- ${sentence}`).join("\n") };
}
