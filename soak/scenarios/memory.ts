import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CLIENT_FORMATS } from "../../test/support/clients/heard.ts";
import { UPSTREAM_FORMATS } from "../../test/support/upstream/answer.ts";
import { closedLoop, type Job, times } from "../rig/load.ts";
import { openFiles, Rig, type Router, rssKb } from "../rig/processes.ts";
import { type Provider, providerToml, startProvider } from "../rig/provider.ts";
import { type Deed, requestOf } from "../rig/requests.ts";
import { Tally } from "../rig/tally.ts";
import { type Outcome, type Scenario, type Size, thousands, Verdict } from "../scenario.ts";

const CONNECTIONS = 32;
const SAMPLES = 20;
const BYTES_PER_REQUEST = 2;
const RESIDENT = 1.1;

/** What a router is made of after a month: everything that can be left behind by a request would show. */
export const memory: Scenario = {
  name: "memory",
  figure:
    "heap (after a collection) over a million requests, all client formats to all providers' APIs, half of them streamed, 5 % faults, 5 % cancelled, 20 reloads",
  goal: `≤ ${BYTES_PER_REQUEST} bytes a request over the last nine tenths; resident memory ≤ ${RESIDENT} × of that after one tenth; files open ± 5`,
  run,
};

interface Sample {
  requests: number;
  heapBytes: number;
  residentKb: number;
}

async function run(size: Size): Promise<Outcome> {
  await using rig = new Rig();
  const provider = await startProvider(rig);
  const router = await rig.router(configOf(provider));
  const verdict = new Verdict();
  const total = size.count(1_000_000, 6_000);
  const filesBefore = openFiles(router.pid);
  const tally = new Tally();
  const samples: Sample[] = [];
  const perSample = Math.round(total / SAMPLES);
  const started = performance.now();
  for (let sample = 0; sample < SAMPLES; sample++) {
    await closedLoop(
      router.url,
      CONNECTIONS,
      times(perSample, (index) => jobOf(sample * perSample + index, tally)),
    );
    const { heapBytes } = await router.probe();
    samples.push({ requests: (sample + 1) * perSample, heapBytes, residentKb: rssKb(router.pid) });
    reload(router, provider);
  }
  const perSecond = total / ((performance.now() - started) / 1_000);
  await delay(1_000);
  const files = openFiles(router.pid) - (await provider.counts()).sockets - filesBefore;
  const late = samples.slice(1);
  const slope = slopeOf(late);
  const resident = Math.max(...late.map(({ residentKb }) => residentKb)) / (late[0]?.residentKb ?? Number.NaN);
  // A short run measures how the router warms up.
  verdict.expect(size.quick || slope <= BYTES_PER_REQUEST, `${slope.toFixed(2)} bytes a request: ${heapsOf(samples)}`);
  verdict.expect(
    size.quick || resident <= RESIDENT,
    `resident: ${late.map(({ residentKb }) => residentKb).join(", ")} KB`,
  );
  verdict.expect(Math.abs(files) <= 5, `${files} more files are open`);
  verdict.expect(tally.failed === 0, tally.troubles());
  return verdict.outcome(
    `${slope.toFixed(2)} bytes a request over ${thousands(total)} at ${thousands(Math.round(perSecond))} a second; resident ${resident.toFixed(2)} ×; heap ${heapsOf(samples.slice(-1))}; ${files} more files open; ${tally.failed} errors but those asked for`,
  );
}

function configOf(provider: Provider): string {
  const providers = UPSTREAM_FORMATS.map((format) => providerToml(format, format, provider.base(format)));
  const rules = UPSTREAM_FORMATS.map(
    (format, index) =>
      `[[routers]]\ntype = "prefix"\nmodel_prefix = "m${index}"\nprovider = "${format}"\nfallbacks = [{ provider = "openai" }]\n`,
  );
  // What is kept of conversations has a limit of its own, soon reached here.
  return `[server]\nport = 0\n[conversations]\nmax_mb = 2\n[failover]\nmax_attempts = 2\n${providers.join("\n")}\n${rules.join("\n")}`;
}

const FAULTS: Deed[] = ["cut", "fail-500", "fail-429", "fail-400"];

/** By its number: the same run each time. */
function jobOf(number: number, tally: Tally): Job {
  const client = CLIENT_FORMATS[number % CLIENT_FORMATS.length];
  const model = `m${Math.floor(number / 7) % UPSTREAM_FORMATS.length}`;
  const stream = number % 2 === 0;
  const fault = number % 20 === 3 || number % 40 === 10 ? FAULTS[Math.floor(number / 40) % FAULTS.length] : undefined;
  const leaves = number % 20 === 7 || number % 40 === 16;
  const deed = fault ?? (leaves ? "pace-20" : "ok");
  const request = requestOf({ ...(client && { client }), model, stream, deed });
  return fault || leaves ? { request, leaves } : { request, done: (answer) => tally.add(answer) };
}

function reload(router: Router, provider: Provider): void {
  const file = join(router.folder, "config.toml");
  writeFileSync(`${file}.new`, configOf(provider));
  renameSync(`${file}.new`, file);
  router.child.kill("SIGHUP");
}

/** Bytes a request, by least squares. */
function slopeOf(samples: readonly Sample[]): number {
  const meanX = samples.reduce((sum, { requests }) => sum + requests, 0) / samples.length;
  const meanY = samples.reduce((sum, { heapBytes }) => sum + heapBytes, 0) / samples.length;
  let covariance = 0;
  let variance = 0;
  for (const { requests, heapBytes } of samples) {
    covariance += (requests - meanX) * (heapBytes - meanY);
    variance += (requests - meanX) ** 2;
  }
  return covariance / variance;
}

function heapsOf(samples: readonly Sample[]): string {
  return `${samples.map(({ heapBytes }) => (heapBytes / 2 ** 20).toFixed(1)).join(", ")} MB`;
}
