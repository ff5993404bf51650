import { openaiBody } from "./bodies.ts";
import { cpuMicros, rssMb, type Server, startLoad, startRouter, startServer, stopAll } from "./processes.ts";

/**
 * `node bench/telemetry.ts [quick]`: what telemetry adds: off, on to a collector that takes it, on to a port where nobody
 * listens. As many requests as go, rounds interleaved, and of each figure the best of all rounds.
 */
const quick = process.argv.includes("quick");
const ROUNDS = quick ? 3 : 7;
const MS = quick ? 2_000 : 4_000;

interface Sample {
  perSecond: number;
  cpuEach: number;
  rssMb: number;
}

const load = startLoad();
const body = openaiBody(2_048, false);

async function measure({ url, pid }: Server): Promise<Sample> {
  const begun = cpuMicros(pid);
  const order = { url, path: "/v1/chat/completions", body, connections: 64, ms: MS, requests: 1e9 };
  const { requests, errors, seconds } = await load(order);
  if (errors > 0) throw new Error(`${errors} requests failed at ${url}`);
  return { perSecond: requests / seconds, cpuEach: (cpuMicros(pid) - begun) / requests, rssMb: rssMb(pid) };
}

try {
  const upstream = await startServer("bench/upstream.ts", [], { env: { PACE_MS: "0" } });
  const collector = await startServer("bench/collector.ts");
  const on = (url: string, more = "") => `enabled = true\notlp_endpoint = "${url}"\n${more}`;
  const settings: readonly (readonly [name: string, telemetry: string])[] = [
    ["off", ""],
    ["off, `[metrics]` on", "[metrics]\nenabled = true"],
    ["on", on(collector.url)],
    ["on, `sample_ratio = 0.1`", on(collector.url, "sample_ratio = 0.1")],
    ["on, nobody listens", on("http://127.0.0.1:9")],
  ];
  const servers: Server[] = [];
  for (const [, telemetry] of settings) servers.push(await startRouter(upstream.url, { telemetry }));
  const samples: Sample[][] = settings.map(() => []);
  for (let round = 0; round <= ROUNDS; round++)
    for (const [index, server] of servers.entries()) {
      const sample = await measure(server);
      // The first round warms up.
      if (round > 0) samples[index]?.push(sample);
    }
  console.log("| telemetry | most req/s | CPU µs each | memory MB |\n|---|---|---|---|");
  for (const [index, [name]] of settings.entries()) {
    const of = samples[index] ?? [];
    const best = Math.max(...of.map(({ perSecond }) => perSecond)).toFixed(0);
    const cpu = Math.min(...of.map(({ cpuEach }) => cpuEach)).toFixed(0);
    const memory = Math.max(...of.map(({ rssMb }) => rssMb)).toFixed(0);
    console.log(`| ${name} | ${best} | ${cpu} | ${memory} |`);
  }
} finally {
  stopAll();
}
