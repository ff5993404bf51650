import { openaiBody } from "../bodies.ts";
import { median, percentile, spread } from "../figures.ts";
import type { LoadOrder, LoadResult } from "../load.ts";
import { during, type Server, startLoad, startRouter, startServer } from "../processes.ts";
import type { Effort, Measured, Section } from "../section.ts";

/** How throughput and latency go with the number of connections. */
export const scalingConnections: Section = {
  name: "scaling, connections",
  title: "From one connection to 4,096",
  measure: (effort) => during(() => measure(effort)),
};

const CONNECTIONS = [1, 4, 16, 64, 256, 1_024, 4_096];
const ORDER = { path: "/v1/chat/completions", body: openaiBody(2_048, false) };
const WARM_UP = { connections: 64, requests: 20_000, ms: 15_000 };

interface Sample {
  perSecond: number;
  p50: number;
  p99: number;
}

type Load = (order: LoadOrder) => Promise<LoadResult>;

async function measure({ rounds, seconds }: Effort): Promise<Measured> {
  const load = startLoad();
  const upstream = await startServer("bench/upstream.ts", [], { env: { PACE_MS: "0" } });
  const bare = await startServer("bench/bare-proxy.ts", [upstream.url]);
  // More at once than are let in by default.
  const router = await startRouter(upstream.url, { overload: "max_in_flight = 0" });
  for (const { url } of [bare, router]) await load({ url, ...ORDER, ...WARM_UP });
  const levels: { connections: number; bare: Sample[]; router: Sample[] }[] = [];
  for (const connections of CONNECTIONS) {
    const level = { connections, bare: [] as Sample[], router: [] as Sample[] };
    for (let round = 0; round < rounds; round++) {
      level.bare.push(await sample(load, bare, connections, seconds * 1000));
      level.router.push(await sample(load, router, connections, seconds * 1000));
    }
    levels.push(level);
  }
  return {
    about: `2 KB, whole, passed through: so many connections, on each one request after the other. Requests a second, and ms to the last byte; connecting counts for the first request of each. Medians of the rounds, least and most behind them. No request failed. The router runs with \`[overload] max_in_flight = 0\`: 2,000 are let in by default.`,
    columns: ["connections", "req/s bare", "req/s router", "bare p50", "router p50", "bare p99", "router p99"],
    rows: levels.map((level) => [
      String(level.connections),
      ...(["perSecond", "p50", "p99"] as const).flatMap((figure) =>
        [level.bare, level.router].map((list) => spread(valuesOf(list, figure), figure === "perSecond" ? 0 : 2)),
      ),
    ]),
    chart: {
      title: "Throughput by connections",
      x: CONNECTIONS,
      y: "requests/s",
      series: (["bare", "router"] as const).map((name) => ({
        name: name === "bare" ? "bare proxy" : name,
        values: levels.map((level) => median(valuesOf(level[name], "perSecond"))),
      })),
    },
  };
}

function valuesOf(samples: readonly Sample[], figure: keyof Sample): number[] {
  return samples.map((sample) => sample[figure]);
}

async function sample(load: Load, { url }: Server, connections: number, ms: number): Promise<Sample> {
  const { requests, errors, seconds, total } = await load({ url, ...ORDER, connections, ms, requests: 1e9 });
  if (errors > 0) throw new Error(`${errors} of ${requests} requests failed at ${url} with ${connections} connections`);
  return { perSecond: requests / seconds, p50: percentile(total, 0.5), p99: percentile(total, 0.99) };
}
