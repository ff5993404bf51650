/** What the project set out to reach, as far as a figure of the bench says it. */
interface Goal {
  readonly goal: string;
  /** Name of a section's figure. */
  readonly figure: string;
  readonly least?: number;
  readonly most?: number;
  readonly unit: "%" | "×" | "ms" | "KB";
}

const GOALS: readonly Goal[] = [
  {
    goal: "passthrough, 2 KB, log on: share of the bare proxy's throughput",
    figure: "passthrough 2 KB, router, log on: throughput to bare",
    least: 0.8,
    unit: "%",
  },
  {
    goal: "the same against Portkey's throughput",
    figure: "passthrough 2 KB, router, log on: throughput to Portkey",
    least: 25,
    unit: "×",
  },
  {
    goal: "the same, CPU of a request against nginx's",
    figure: "passthrough 2 KB, router, log on: CPU to nginx",
    most: 3.5,
    unit: "×",
  },
  {
    goal: "passthrough, 60 KB: share of the bare proxy's throughput",
    figure: "passthrough 60 KB, router: throughput to bare",
    least: 0.95,
    unit: "%",
  },
  {
    goal: "the same, log on",
    figure: "passthrough 60 KB, router, log on: throughput to bare",
    least: 0.95,
    unit: "%",
  },
  {
    goal: "the same, log off, against Portkey's throughput",
    figure: "passthrough 60 KB, router: throughput to Portkey",
    least: 40,
    unit: "×",
  },
  {
    goal: "anthropic → openai, 2 KB: share of the bare proxy's throughput",
    figure: "translated 2 KB: throughput to bare",
    least: 0.6,
    unit: "%",
  },
  {
    goal: "anthropic → openai, 60 KB: share of the bare proxy's throughput",
    figure: "translated 60 KB: throughput to bare",
    least: 0.5,
    unit: "%",
  },
  {
    goal: "CPU of an event, 64 streams with 2 ms: passed through, against the bare proxy",
    figure: "64 streams, 2 ms, passed through: CPU to bare proxy",
    most: 1.15,
    unit: "×",
  },
  {
    goal: "the same, translated",
    figure: "64 streams, 2 ms, anthropic → openai: CPU to bare proxy",
    most: 1.4,
    unit: "×",
  },
  {
    goal: "the same, passed through, against nginx",
    figure: "64 streams, 2 ms, passed through: CPU to nginx",
    most: 2.5,
    unit: "×",
  },
  {
    goal: "CPU of an event in a burst: passed through, against the bare proxy",
    figure: "64 streams, burst, passed through: CPU to bare proxy",
    most: 1.5,
    unit: "×",
  },
  {
    goal: "the same, translated",
    figure: "64 streams, burst, anthropic → openai: CPU to bare proxy",
    most: 3,
    unit: "×",
  },
  {
    goal: "added to the first byte, one connection: median",
    figure: "latency, first byte: ms added, p50",
    most: 0.5,
    unit: "ms",
  },
  { goal: "the same, 99th percentile", figure: "latency, first byte: ms added, p99", most: 2, unit: "ms" },
  { goal: "memory of each of 1,000 streams", figure: "idle: KB of a stream", most: 50, unit: "KB" },
  { goal: "1,000 streams: the longest turn of the event loop", figure: "stalls: longest ms", most: 20, unit: "ms" },
  {
    goal: "two workers against one, where the load generator leaves room",
    figure: "workers: with cores enough",
    least: 1.7,
    unit: "×",
  },
  { goal: "start to first answer", figure: "startup: ms to the first answer", most: 250, unit: "ms" },
  {
    goal: "100,000 requests: heap after the last against after the first fifth",
    figure: "memory: growth",
    most: 1.05,
    unit: "×",
  },
];

export const GOAL_COLUMNS = ["goal", "wanted", "measured", "reached"];

/** A row for each goal; those of which nothing is known only where `all` are wanted. */
export function goalRows(figures: Readonly<Record<string, number>>, all: boolean): string[][] {
  return GOALS.filter(({ figure }) => all || Number.isFinite(figures[figure])).map((each) => {
    const { goal, figure, least, most, unit } = each;
    const value = figures[figure];
    const wanted = least === undefined ? `≤ ${shown(most, unit)}` : `≥ ${shown(least, unit)}`;
    if (value === undefined || !Number.isFinite(value)) return [goal, wanted, "not measured", ""];
    const reached = value >= (least ?? Number.NEGATIVE_INFINITY) && value <= (most ?? Number.POSITIVE_INFINITY);
    return [goal, wanted, shown(value, unit), reached ? "yes" : "no"];
  });
}

function shown(value = Number.NaN, unit: Goal["unit"]): string {
  if (unit === "%") return `${Math.round(100 * value)} %`;
  return `${Number(value.toPrecision(3))} ${unit}`;
}
