import { openaiBody } from "../bodies.ts";
import { median, spread } from "../figures.ts";
import type { LoadOrder, LoadResult } from "../load.ts";
import {
  cpuMicros,
  during,
  mainThreadMicros,
  type RouterOptions,
  type Server,
  startLoad,
  startRouter,
  startServer,
  startWorker,
} from "../processes.ts";
import type { Effort, Measured, Section } from "../section.ts";
import type { Watched, WatchOrder } from "../watcher.ts";

/** What each feature adds, one by one, to a router that has none of them. */
export const features: Section = {
  name: "features",
  title: "Features, one by one",
  measure: (effort) => during(() => measure(effort)),
};

const CONNECTIONS = 64;
/** Until then V8 compiles: each router has to have answered as many, or the one that all others are measured against looks too good. */
const WARM_UP = { requests: 20_000, ms: 15_000 };

interface Feature {
  name: string;
  options: RouterOptions;
  /** Query of the feed; undefined: nobody watches. */
  watch?: string;
}

const PRICES = "prices = { input = 3, output = 15, cached_read = 0.3, cache_write = 3.75 }";

const PLUGINS = `[plugins.system-prompt]
enabled = true
[[plugins.system-prompt.rules]]
text = "Write British English."
[plugins.max-tokens]
enabled = true
limit = 8000
default = 2000
[plugins.redact]
enabled = true`;

function listOf(collector: string): Feature[] {
  const telemetry = (more = "", url = collector) => ({
    telemetry: `enabled = true\notlp_endpoint = "${url}"\n${more}`,
  });
  return [
    // Shows what differs by chance, and by being measured less often than the one it is compared with.
    { name: "nothing: a second such router", options: {} },
    { name: "keyword classifier", options: { keywords: true } },
    { name: "prices", options: { provider: PRICES } },
    { name: "`[metrics]`", options: { tables: "[metrics]\nenabled = true" } },
    { name: "JSONL log, full content", options: { logging: true, recorded: "index = false" } },
    { name: "log and index", options: { logging: true } },
    { name: 'log and index, `content = "redacted"`', options: { logging: true, recorded: 'content = "redacted"' } },
    { name: "dashboard, nobody watches", options: { dashboard: true } },
    { name: "dashboard, watched", options: { dashboard: true }, watch: "" },
    { name: "dashboard, watched with `?progress=1`", options: { dashboard: true }, watch: "?progress=1" },
    { name: "plugins `system-prompt`, `max-tokens`, `redact`", options: { tables: PLUGINS } },
    { name: "OpenTelemetry", options: telemetry() },
    { name: "OpenTelemetry, `sample_ratio = 0.1`", options: telemetry("sample_ratio = 0.1") },
    { name: "OpenTelemetry, nobody listens", options: telemetry("", "http://127.0.0.1:9") },
  ];
}

interface Sample {
  perSecond: number;
  /** µs of each request: all threads, and the one that answers. */
  all: number;
  main: number;
}

interface Workers {
  load: (order: LoadOrder) => Promise<LoadResult>;
  watcher: (order: WatchOrder) => Promise<Watched>;
}

/** A process that was idle for a while is slower at first. */
const AWAKE = { ms: 500, requests: 1e9 };

/** Of each round: without, then with. */
interface Pair {
  without: Sample;
  with: Sample;
}

async function measure({ rounds, seconds }: Effort): Promise<Measured> {
  const upstream = await startServer("bench/upstream.ts", [], { env: { PACE_MS: "0" } });
  const collector = await startServer("bench/collector.ts");
  const workers: Workers = { load: startLoad(), watcher: startWorker<WatchOrder, Watched>("watcher.ts") };
  const plain = await startRouter(upstream.url, { keywords: false });
  const list: { feature: Feature; server: Server; pairs: Pair[] }[] = [];
  for (const feature of listOf(collector.url)) {
    const server = await startRouter(upstream.url, { keywords: false, ...feature.options });
    list.push({ feature, server, pairs: [] });
  }
  const ms = seconds * 1000;
  for (const server of [plain, ...list.map((each) => each.server)]) await workers.load(orderOf(server, WARM_UP));
  for (let round = 0; round < rounds; round++)
    for (const { feature, server, pairs } of list) {
      const without = await sample(workers, plain, ms);
      pairs.push({ without, with: await sample(workers, server, ms, feature.watch) });
    }
  return {
    about: `${CONNECTIONS} connections send 2 KB, whole, passed through, as fast as they are answered; each feature in turn with a router that has none of them, neither log nor dashboard nor classifier. CPU µs that it adds to a request: of the thread that answers, and of all. Medians of the rounds, least and most behind them.`,
    columns: ["feature", "throughput", "CPU µs added, its thread", "all threads", "CPU, all threads"],
    rows: [
      [
        "none",
        "100 %",
        spread(list.flatMap(({ pairs }) => pairs.map((pair) => pair.without.main))),
        spread(list.flatMap(({ pairs }) => pairs.map((pair) => pair.without.all))),
        "1 ×",
      ],
      ...list.map(({ feature, pairs }) => row(feature.name, pairs)),
    ],
    chart: {
      title: "CPU of a request with each feature alone, all threads",
      x: list.map(({ feature }) => feature.name.replaceAll("`", "")),
      y: "µs added",
      series: [
        {
          name: "added",
          values: list.map(({ pairs }) => median(pairs.map((pair) => pair.with.all - pair.without.all))),
        },
      ],
    },
  };
}

function row(name: string, pairs: readonly Pair[]): string[] {
  const of = (pick: (pair: Pair) => number) => pairs.map(pick);
  return [
    name,
    spread(
      of((pair) => (100 * pair.with.perSecond) / pair.without.perSecond),
      0,
      " %",
    ),
    spread(of((pair) => pair.with.main - pair.without.main)),
    spread(of((pair) => pair.with.all - pair.without.all)),
    spread(
      of((pair) => pair.with.all / pair.without.all),
      2,
      " ×",
    ),
  ];
}

async function sample({ load, watcher }: Workers, server: Server, ms: number, watch?: string): Promise<Sample> {
  if (watch !== undefined) await watcher({ url: `${server.url}/dashboard/events${watch}` });
  await load(orderOf(server, AWAKE));
  const [all, main] = [cpuMicros(server.pid), mainThreadMicros(server.pid)];
  const { requests, errors, seconds } = await load(orderOf(server, { ms, requests: 1e9 }));
  const taken = { all: cpuMicros(server.pid) - all, main: mainThreadMicros(server.pid) - main };
  const seen = watch === undefined ? undefined : await watcher({ stop: true });
  if (seen?.cut) throw new Error(`the feed of ${server.url} was cut: its watcher was too slow`);
  if (errors > 0) throw new Error(`${errors} of ${requests} requests failed at ${server.url}`);
  return { perSecond: requests / seconds, all: taken.all / requests, main: taken.main / requests };
}

function orderOf({ url }: Server, until: { ms: number; requests: number }): LoadOrder {
  return { url, path: "/v1/chat/completions", body: openaiBody(2_048, false), connections: CONNECTIONS, ...until };
}
