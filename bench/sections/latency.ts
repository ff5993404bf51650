import { askOf, KB2, KB60 } from "../asks.ts";
import { bareProxy, router, routerWithLog } from "../contenders/ours.ts";
import { median, percentile, spread } from "../figures.ts";
import type { LoadResult } from "../load.ts";
import { during, startLoad, startServer } from "../processes.ts";
import type { Load } from "../rounds.ts";
import type { Effort, Measured, Section } from "../section.ts";

/** What the router adds when nothing queues. */
export const latency: Section = {
  name: "latency",
  title: "Added latency, one connection",
  measure: (effort) => during(() => measure(effort)),
};

const CASES = [
  { name: "2 KB, whole: last byte", bytes: KB2, stream: false },
  { name: "60 KB, whole: last byte", bytes: KB60, stream: false },
  { name: "2 KB, streamed: first byte", bytes: KB2, stream: true },
] as const;
const FIRST_BYTE = CASES[2].name;
const CONTENDERS = [bareProxy, router, routerWithLog];
const SHARES = [0.5, 0.99];

/** ms of each round, by contender; of each share. */
type Times = Map<string, number[][]>;

async function measure({ rounds, seconds }: Effort): Promise<Measured> {
  const load = startLoad();
  const upstream = await startServer("bench/upstream.ts", [], { env: { PACE_MS: "0" } });
  const running = new Map<string, string>();
  for (const { name, start } of CONTENDERS) running.set(name, (await start(upstream.url)).url);
  const measured: { name: string; times: Times }[] = [];
  for (const { name, bytes, stream } of CASES) {
    const times: Times = new Map();
    for (let round = -1; round < rounds; round++)
      for (const [contender, url] of running) {
        const result = await alone(load, url, bytes, stream, seconds * 1000);
        const sorted = stream ? result.first : result.total;
        if (round >= 0)
          times.set(contender, [...(times.get(contender) ?? []), SHARES.map((share) => percentile(sorted, share))]);
      }
    measured.push({ name, times });
  }
  return {
    about:
      "One request after the other on one connection, so that nothing queues: ms, the median and the 99th percentile of each round; what the router adds is taken round by round.",
    columns: ["", "through", "p50 ms", "p99 ms", "added p50", "added p99"],
    rows: measured.flatMap(({ name, times }) =>
      [...times.keys()].map((contender) => [
        name,
        contender,
        ...SHARES.map((_, at) => spread(column(times, contender, at), 2)),
        ...SHARES.map((_, at) => (contender === bareProxy.name ? "–" : spread(added(times, contender, at), 2))),
      ]),
    ),
    figures: Object.fromEntries(
      measured
        .filter(({ name }) => name === FIRST_BYTE)
        .flatMap(({ times }) =>
          SHARES.map((share, at) => [
            `latency, first byte: ms added, p${share * 100}`,
            median(added(times, router.name, at)),
          ]),
        ),
    ),
  };
}

async function alone(load: Load, url: string, bytes: number, stream: boolean, ms: number): Promise<LoadResult> {
  const { path, body } = askOf("openai", bytes, stream);
  const result = await load({ url, path, body, connections: 1, ms, requests: 1e9 });
  if (result.errors > 0) throw new Error(`${result.errors} of ${result.requests} requests failed at ${url}`);
  return result;
}

function column(times: Times, contender: string, at: number): number[] {
  return (times.get(contender) ?? []).map((shares) => shares[at] ?? Number.NaN);
}

function added(times: Times, contender: string, at: number): number[] {
  const bare = column(times, bareProxy.name, at);
  return column(times, contender, at).map((value, round) => value - (bare[round] ?? Number.NaN));
}
