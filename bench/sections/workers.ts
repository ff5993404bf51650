import { anthropicBody, openaiBody } from "../bodies.ts";
import { median, spread } from "../figures.ts";
import type { LoadOrder, LoadResult } from "../load.ts";
import { cpuMicros, during, familyOf, mainThreadMicros, startLoad, startRouter, startServer } from "../processes.ts";
import type { Effort, Measured, Section } from "../section.ts";

/** What a second worker brings. */
export const workers: Section = {
  name: "workers",
  title: "Two workers against one",
  measure: (effort) => during(() => measure(effort)),
};

const CONNECTIONS = 64;
const WARM_UP = { requests: 20_000, ms: 15_000 };

interface Case {
  name: string;
  path: string;
  body: string;
}

const CASES: readonly Case[] = [
  { name: "passed through, 2 KB", path: "/v1/chat/completions", body: openaiBody(2_048, false) },
  { name: "anthropic → openai, 60 KB", path: "/v1/messages", body: anthropicBody(60_000, false) },
];

interface Sample {
  perSecond: number;
  /** µs of each request: of all processes, and of the thread that had most to do. */
  all: number;
  busiest: number;
}

type Load = (order: LoadOrder) => Promise<LoadResult>;

async function measure({ rounds, seconds }: Effort): Promise<Measured> {
  const load = startLoad();
  const upstream = await startServer("bench/upstream.ts", [], { env: { PACE_MS: "0" } });
  const one = await startRouter(upstream.url);
  const two = await startRouter(upstream.url, { server: "workers = 2" });
  const rows: string[][] = [];
  const gains: number[] = [];
  for (const test of CASES) {
    const ordered = ({ url }: { url: string }) => ({ url, path: test.path, body: test.body, connections: CONNECTIONS });
    for (const server of [one, two]) await load({ ...ordered(server), ...WARM_UP });
    const samples: { one: Sample; two: Sample }[] = [];
    for (let round = 0; round < rounds; round++) {
      const until = { requests: 1e9, ms: seconds * 1000 };
      const alone = await sample(load, one.pid, { ...ordered(one), ...until });
      samples.push({ one: alone, two: await sample(load, two.pid, { ...ordered(two), ...until }) });
    }
    rows.push(row(test.name, samples));
    gains.push(median(samples.map((round) => round.one.busiest / round.two.busiest)));
  }
  return {
    about: `${CONNECTIONS} connections. Load generator and provider take a part of the two cores that the workers would need, so throughput says little here. CPU says what there would be with cores enough: as many requests as the busiest thread can answer, which is a worker's. Medians of the rounds, least and most behind them.`,
    columns: [
      "",
      "req/s, 1",
      "req/s, 2",
      "ratio",
      "CPU µs all, 1",
      "all, 2",
      "busiest, 1",
      "busiest, 2",
      "with cores enough",
    ],
    rows,
    figures: { "workers: with cores enough": gains[0] ?? Number.NaN },
  };
}

function row(name: string, samples: readonly { one: Sample; two: Sample }[]): string[] {
  const of = (who: "one" | "two", figure: keyof Sample) => samples.map((round) => round[who][figure]);
  return [
    name,
    spread(of("one", "perSecond")),
    spread(of("two", "perSecond")),
    `${median(samples.map((round) => round.two.perSecond / round.one.perSecond)).toFixed(2)} ×`,
    spread(of("one", "all")),
    spread(of("two", "all")),
    spread(of("one", "busiest")),
    spread(of("two", "busiest")),
    spread(
      samples.map((round) => round.one.busiest / round.two.busiest),
      2,
      " ×",
    ),
  ];
}

async function sample(load: Load, pid: number, order: LoadOrder): Promise<Sample> {
  const family = familyOf(pid);
  const micros = () => family.map((member) => ({ all: cpuMicros(member), main: mainThreadMicros(member) }));
  const before = micros();
  const { requests, errors, seconds } = await load(order);
  if (errors > 0) throw new Error(`${errors} of ${requests} requests failed at ${order.url}`);
  const taken = micros().map((now, index) => ({
    all: now.all - (before[index]?.all ?? 0),
    main: now.main - (before[index]?.main ?? 0),
  }));
  return {
    perSecond: requests / seconds,
    all: taken.reduce((sum, { all }) => sum + all, 0) / requests,
    busiest: Math.max(...taken.map(({ main }) => main)) / requests,
  };
}
