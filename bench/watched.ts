import { Pricing } from "../src/cost/pricing.ts";
import { openaiBody } from "./bodies.ts";
import type { LoadOrder, LoadResult } from "./load.ts";
import type { PacedOrder, PacedResult } from "./paced-load.ts";
import {
  cpuMicros,
  mainThreadMicros,
  type RouterOptions,
  type Server,
  startRouter,
  startServer,
  startWorker,
  stopAll,
} from "./processes.ts";
import type { Watched, WatchOrder } from "./watcher.ts";

/**
 * `node bench/watched.ts [quick]`: what log, index, dashboard, watchers and prices add to the router. 200 requests a second, a
 * quarter of them streams of two seconds; then as many as go. Rounds interleaved, and of each figure the
 * best of all rounds: what else the machine does only ever makes it worse.
 */
const quick = process.argv.includes("quick");
const ROUNDS = quick ? 3 : 7;
const MS = quick ? 2_000 : 4_000;
const PER_SECOND = 200;
const STREAMED_EVERY = 4;
/** 200 events, 10 ms between two of them. Streams are timed to their end: the router holds back what is before the first text. */
const PACE_MS = "10";

interface Setting {
  name: string;
  options: RouterOptions;
  /** Query of the feed; undefined: nobody watches. */
  watch?: string;
}

const PRICES = "prices = { input = 3, output = 15, cached_read = 0.3, cache_write = 3.75 }";

const SETTINGS: readonly Setting[] = [
  { name: "neither log nor dashboard", options: {} },
  { name: "dashboard, nobody watches", options: { dashboard: true } },
  { name: "dashboard, watched", options: { dashboard: true }, watch: "" },
  { name: "dashboard, watched with `?progress=1`", options: { dashboard: true }, watch: "?progress=1" },
  { name: "log", options: { logging: true, recorded: "index = false" } },
  { name: "log and index", options: { logging: true } },
  { name: 'log and index, `content = "redacted"`', options: { logging: true, recorded: 'content = "redacted"' } },
  {
    name: "log, index, prices, dashboard, watched with `?progress=1`",
    options: { logging: true, dashboard: true, provider: PRICES },
    watch: "?progress=1",
  },
];

interface Sample {
  wholeP50: number;
  wholeP99: number;
  streamedP50: number;
  streamedP99: number;
  /** Of one core, in percent. */
  cpu: number;
  perSecond: number;
  cpuEach: number;
  /** Of these, of the thread that answers requests. */
  mainEach: number;
}

const paced = startWorker<PacedOrder, PacedResult>("paced-load.ts");
const burst = startWorker<LoadOrder, LoadResult>("load.ts");
const watcher = startWorker<WatchOrder, Watched>("watcher.ts");
const path = "/v1/chat/completions";
const whole = openaiBody(2_048, false);
const streamed = openaiBody(2_048, true);

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
}

async function measure(server: Server, watch?: string): Promise<Sample> {
  if (watch !== undefined) await watcher({ url: `${server.url}/dashboard/events${watch}` });
  const before = cpuMicros(server.pid);
  const order = {
    url: server.url,
    path,
    whole,
    streamed,
    streamedEvery: STREAMED_EVERY,
    perSecond: PER_SECOND,
    ms: MS,
  };
  const live = await paced(order);
  const cpu = (cpuMicros(server.pid) - before) / 10 / MS;
  const calm = watch === undefined ? undefined : await watcher({ stop: true });
  if (calm?.cut || (calm && calm.events < live.requests)) throw new Error(`the watcher saw ${JSON.stringify(calm)}`);
  if (watch !== undefined) await watcher({ url: `${server.url}/dashboard/events${watch}` });
  const [begun, mainBegun] = [cpuMicros(server.pid), mainThreadMicros(server.pid)];
  const most = await burst({ url: server.url, path, body: whole, connections: 64, ms: MS / 2, requests: 1e9 });
  const cpuEach = (cpuMicros(server.pid) - begun) / most.requests;
  const mainEach = (mainThreadMicros(server.pid) - mainBegun) / most.requests;
  if (watch !== undefined) await watcher({ stop: true });
  if (live.errors + most.errors > 0) throw new Error(`${live.errors + most.errors} requests failed at ${server.url}`);
  return {
    wholeP50: at(live.whole, 0.5),
    wholeP99: at(live.whole, 0.99),
    streamedP50: at(live.streamed, 0.5),
    streamedP99: at(live.streamed, 0.99),
    cpu,
    perSecond: most.requests / most.seconds,
    cpuEach,
    mainEach,
  };
}

function row(name: string, samples: readonly Sample[]): string {
  const of = (pick: (sample: Sample) => number) => Math.min(...samples.map(pick));
  const cells = [
    name,
    `${of((one) => one.wholeP50).toFixed(2)} / ${of((one) => one.wholeP99).toFixed(2)}`,
    `${of((one) => one.streamedP50).toFixed(2)} / ${of((one) => one.streamedP99).toFixed(2)}`,
    `${of((one) => one.cpu).toFixed(0)} %`,
    Math.max(...samples.map((one) => one.perSecond)).toFixed(0),
    `${of((one) => one.mainEach).toFixed(0)} / ${of((one) => one.cpuEach).toFixed(0)}`,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** The price of an exchange, looked up in the catalogue and worked out, in µs. */
async function priceMicros(): Promise<number> {
  const pricing = new Pricing(() => undefined);
  const seller = { config: { model_prices: {} }, origin: "https://api.openai.com", basePath: "/v1", nearby: false };
  await pricing.load([seller]);
  const usage = {
    input: 900,
    output: 90,
    cachedRead: 300,
    cacheWrite: 0,
    cacheWriteLong: 0,
    reasoning: 9,
    reported: true,
  };
  const times = 200_000;
  const began = performance.now();
  for (let turn = 0; turn < times; turn++)
    pricing.costOf(seller, turn % 2 === 0 ? "gpt-5.2" : "gpt-5-mini", usage, turn);
  return ((performance.now() - began) * 1000) / times;
}

try {
  console.log(`Node ${process.version}, ${ROUNDS} rounds, interleaved, the best of each figure.\n`);
  const upstream = await startServer("bench/upstream.ts", [], { env: { PACE_MS } });
  const bare = await startServer("bench/bare-proxy.ts", [upstream.url]);
  const routers: { setting: Setting; server: Server; samples: Sample[] }[] = [];
  for (const setting of SETTINGS)
    routers.push({ setting, server: await startRouter(upstream.url, setting.options), samples: [] });
  const bares: Sample[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const one = await measure(bare);
    if (round >= 0) bares.push(one);
    for (const { setting, server, samples } of routers) {
      const sample = await measure(server, setting.watch);
      if (round >= 0) samples.push(sample);
    }
  }
  console.log(
    `| ${PER_SECOND} requests/s | whole: last byte, p50 / p99 ms | streams: last byte, p50 / p99 ms | CPU of a core | most req/s | CPU µs each, its thread / all |`,
  );
  console.log("|---|---|---|---|---|---|");
  console.log(row("bare proxy", bares));
  for (const { setting, samples } of routers) console.log(row(setting.name, samples));
  console.log(`\nThe price of one exchange by the catalogue: ${(await priceMicros()).toFixed(1)} µs.`);
} finally {
  stopAll();
}
process.exit(0);
