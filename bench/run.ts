import { anthropicBody, CHUNKS, openaiBody } from "./bodies.ts";
import type { LoadResult } from "./load.ts";
import { cpuMicros, rssMb, type Server, startLoad, startRouter, startServer, stopAll } from "./processes.ts";

/**
 * `npm run bench [-- quick]`: the router against a bare proxy, both in front of the same scripted upstream, rounds
 * interleaved, medians quoted. Upstream, proxy and load generator share the machine's cores: read ratios, not figures.
 */
const quick = process.argv.includes("quick");
/** Further words pick the cases whose name holds one of them. */
const words = process.argv.slice(2).filter((word) => word !== "quick");
const ROUNDS = quick ? 2 : 5;
const MS = quick ? 1_500 : 4_000;
const MEMORY_REQUESTS = quick ? 20_000 : 100_000;

interface Case {
  name: string;
  path: string;
  body: string;
  /** What the bare proxy gets: it translates nothing. */
  bareBody: string;
  connections: number;
  streamed: boolean;
  paced?: boolean;
  /** Against the router that writes its log. */
  logging?: boolean;
}

const CASES: Case[] = [
  ...["2 KB", "60 KB"].flatMap((size): Case[] => {
    const bytes = size === "2 KB" ? 2_048 : 60_000;
    const bare = openaiBody(bytes, false);
    return [
      {
        name: `passthrough, ${size}, whole`,
        path: "/v1/chat/completions",
        body: bare,
        bareBody: bare,
        connections: 64,
        streamed: false,
      },
      {
        name: `anthropic → openai, ${size}, whole`,
        path: "/v1/messages",
        body: anthropicBody(bytes, false),
        bareBody: bare,
        connections: 64,
        streamed: false,
      },
      {
        name: `passthrough, ${size}, whole, log on`,
        path: "/v1/chat/completions",
        body: bare,
        bareBody: bare,
        connections: 64,
        streamed: false,
        logging: true,
      },
    ];
  }),
  ...[true, false].flatMap((paced): Case[] => {
    const bare = openaiBody(2_048, true);
    const how = paced ? "paced 2 ms" : "burst";
    const common = { bareBody: bare, connections: 64, streamed: true, paced };
    return [
      { name: `passthrough, stream of ${CHUNKS}, ${how}`, path: "/v1/chat/completions", body: bare, ...common },
      {
        name: `anthropic → openai, stream of ${CHUNKS}, ${how}`,
        path: "/v1/messages",
        body: anthropicBody(2_048, true),
        ...common,
      },
    ];
  }),
];

interface Sample {
  perSecond: number;
  cpuMicros: number;
}

const load = startLoad();

async function measure(server: Server, path: string, body: string, connections: number): Promise<Sample> {
  const before = cpuMicros(server.pid);
  const result = await load({ url: server.url, path, body, connections, ms: MS, requests: Number.MAX_SAFE_INTEGER });
  assertClean(result);
  return { perSecond: result.requests / result.seconds, cpuMicros: (cpuMicros(server.pid) - before) / result.requests };
}

/** Added latency: one connection, so that nothing queues. */
async function latency(server: Server, path: string, body: string): Promise<LoadResult> {
  const result = await load({ url: server.url, path, body, connections: 1, ms: MS, requests: quick ? 200 : 2_000 });
  assertClean(result);
  return result;
}

function assertClean(result: LoadResult): void {
  if (result.errors > 0) throw new Error(`${result.errors} of ${result.requests} requests failed`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;

async function throughput(upstreams: { paced: Servers; burst: Servers }): Promise<void> {
  console.log("| case | req/s bare | req/s router | ratio | CPU µs bare | CPU µs router | ratio |");
  console.log("|---|---|---|---|---|---|---|");
  for (const test of CASES.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))) {
    const servers = test.paced ? upstreams.paced : upstreams.burst;
    const { bare } = servers;
    const router = test.logging ? servers.logging : servers.router;
    const bares: Sample[] = [];
    const routers: Sample[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const one = await measure(bare, "/v1/chat/completions", test.bareBody, test.connections);
      const other = await measure(router, test.path, test.body, test.connections);
      if (round < 0) continue; // warm-up
      bares.push(one);
      routers.push(other);
    }
    const unit = test.streamed ? CHUNKS : 1;
    const rate = [bares, routers].map((list) => median(list.map((sample) => sample.perSecond)));
    const cpu = [bares, routers].map((list) => median(list.map((sample) => sample.cpuMicros / unit)));
    const [bareRate = 0, routerRate = 0, bareCpu = 0, routerCpu = 0] = [...rate, ...cpu];
    const cells = [test.name + (test.streamed ? " (CPU per event)" : "")];
    cells.push(bareRate.toFixed(0), routerRate.toFixed(0), `${((100 * routerRate) / bareRate).toFixed(0)} %`);
    cells.push(bareCpu.toFixed(1), routerCpu.toFixed(1), `${(routerCpu / bareCpu).toFixed(2)} ×`);
    console.log(`| ${cells.join(" | ")} |`);
  }
}

async function addedLatency({ bare, router }: Servers): Promise<void> {
  console.log("\n| one connection | bare p50 / p99 ms | router p50 / p99 ms | added p50 / p99 |\n|---|---|---|---|");
  for (const [name, bytes, stream] of [
    ["2 KB, whole: last byte", 2_048, false],
    ["60 KB, whole: last byte", 60_000, false],
    ["2 KB, streamed: first byte", 2_048, true],
  ] as const) {
    const body = openaiBody(bytes, stream);
    const list = (result: LoadResult) => (stream ? result.first : result.total);
    const one = list(await latency(bare, "/v1/chat/completions", body));
    const other = list(await latency(router, "/v1/chat/completions", body));
    const figures = [one, other].map((sorted) => [percentile(sorted, 0.5), percentile(sorted, 0.99)]);
    const [[b50 = 0, b99 = 0] = [], [r50 = 0, r99 = 0] = []] = figures;
    const pair = (p50: number, p99: number) => `${p50.toFixed(2)} / ${p99.toFixed(2)}`;
    console.log(`| ${name} | ${pair(b50, b99)} | ${pair(r50, r99)} | ${pair(r50 - b50, r99 - b99)} |`);
  }
}

/** Half whole, half streamed, 64 at once; resident memory along the way. */
async function memory({ router }: Servers): Promise<void> {
  console.log(`\nMemory over ${MEMORY_REQUESTS} requests (RSS, MB):`);
  const steps = 5;
  for (let step = 1; step <= steps; step++) {
    for (const stream of [false, true]) {
      const requests = MEMORY_REQUESTS / steps / 2;
      assertClean(
        await load({
          url: router.url,
          path: "/v1/messages",
          body: anthropicBody(2_048, stream),
          connections: 64,
          ms: 600_000,
          requests,
        }),
      );
    }
    console.log(`  after ${(MEMORY_REQUESTS / steps) * step}: ${rssMb(router.pid).toFixed(0)}`);
  }
}

interface Servers {
  bare: Server;
  router: Server;
  logging: Server;
}

async function startServers(paceMs: number): Promise<Servers> {
  const upstream = await startServer("bench/upstream.ts", [], { env: { PACE_MS: String(paceMs) } });
  return {
    bare: await startServer("bench/bare-proxy.ts", [upstream.url]),
    router: await startRouter(upstream.url),
    logging: await startRouter(upstream.url, { logging: true }),
  };
}

try {
  console.log(`Node ${process.version}, ${ROUNDS} rounds of ${MS} ms, interleaved, medians.\n`);
  const servers = { paced: await startServers(2), burst: await startServers(0) };
  await throughput(servers);
  if (words.length === 0) {
    await addedLatency(servers.burst);
    await memory(servers.burst);
  }
} finally {
  stopAll();
}
process.exit(0);
