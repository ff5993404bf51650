import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { allocatedBytes, type Kind, promotedBytes } from "./allocated.ts";
import type { Ratio } from "./cpu.ts";
import { cpuRatios } from "./guard-cpu.ts";
import { startLoad, startServer, stopAll } from "./processes.ts";

/**
 * `npm run bench:guard [-- cpu] [-- --write]`: whether a request costs more than it did. Counted is what it allocates, which other work on the machine
 * does not move: the same is found each time to a hundredth. CPU time is looked at as well (`cpu`: alone), in that of the bare proxy. Fails when one of
 * the figures has grown by more than 15 %, for CPU time surely so, or what is kept has doubled; what is meant to cost more, or costs less now, is
 * written into `guard.json`.
 */
const FILE = join(import.meta.dirname, "guard.json");
const MOST = 1.15;
/** What is kept is a matter of when collections come. What is kept by mistake is thirty times as much. */
const MOST_KEPT = 2;

const whole: Kind = { bytes: 2_048, stream: false, translated: false };
const KINDS: Record<string, Kind> = {
  "passthrough, 2 KB, whole": whole,
  "passthrough, 2 KB, whole, log on": { ...whole, options: { logging: true } },
  "passthrough, 60 KB, whole": { ...whole, bytes: 60_000 },
  "anthropic → openai, 2 KB, whole": { ...whole, translated: true },
  "passthrough, an event of a stream": { ...whole, stream: true },
  "anthropic → openai, an event of a stream": { ...whole, stream: true, translated: true },
};
/** What small collections take for needed twice. */
const PROMOTED: Record<string, Kind> = {
  "passthrough, 2 KB, whole: kept by two small collections": whole,
  "passthrough, 60 KB, whole: kept by two small collections": { ...whole, bytes: 60_000 },
  "passthrough, 2 KB, whole, two workers: kept by two small collections": {
    ...whole,
    options: { server: "workers = 2" },
  },
};

const before = z.record(z.string(), z.number()).parse(JSON.parse(readFileSync(FILE, "utf8")));
const after: Record<string, number> = {};
let ratios: Record<string, Ratio> = {};
const isWritten = process.argv.includes("--write");
const isCpuAlone = process.argv.includes("cpu");
/** Undefined: nothing is known, or to be compared. */
const mostOf = (name: string) => (isWritten || before[name] === undefined ? undefined : before[name] * MOST);
try {
  const load = startLoad();
  const upstream = await startServer("bench/upstream.ts", [], { env: { PACE_MS: "0" } });
  ratios = await cpuRatios(load, upstream, mostOf);
  for (const [name, kind] of Object.entries(isCpuAlone ? {} : KINDS))
    after[name] = await allocatedBytes(load, upstream.url, kind);
  for (const [name, kind] of Object.entries(isCpuAlone ? {} : PROMOTED))
    after[name] = await promotedBytes(load, upstream.url, kind);
} finally {
  stopAll();
}

console.log("| CPU time, in the bare proxy's | before | now | surely within |\n|---|---|---|---|");
for (const [name, { ratio, least, most }] of Object.entries(ratios))
  console.log(`| ${name} | ${before[name] ?? ""} | ${ratio.toFixed(2)} | ${least.toFixed(2)} to ${most.toFixed(2)} |`);
console.log("\n| bytes of V8's heap for each | before | now | |\n|---|---|---|---|");
for (const [name, bytes] of Object.entries(after)) {
  const was = before[name];
  const ratio = was === undefined ? "new" : `${(bytes / was).toFixed(2)} ×`;
  console.log(`| ${name} | ${was ?? ""} | ${Math.round(bytes)} | ${ratio} |`);
}
const more = Object.entries(after).filter(([name, bytes]) => {
  const most = Object.hasOwn(PROMOTED, name) ? MOST_KEPT : MOST;
  return bytes > (before[name] ?? Number.POSITIVE_INFINITY) * most;
});
const slower = Object.entries(ratios).filter(([name, { least }]) => least > (mostOf(name) ?? Number.POSITIVE_INFINITY));
const grown = [...more, ...slower];
if (isWritten) {
  const bytes = Object.fromEntries(Object.entries(after).map(([name, each]) => [name, Math.round(each)]));
  const cpu = Object.fromEntries(Object.entries(ratios).map(([name, { ratio }]) => [name, Number(ratio.toFixed(2))]));
  writeFileSync(FILE, `${JSON.stringify({ ...(isCpuAlone && before), ...bytes, ...cpu }, null, 2)}\n`);
} else if (grown.length > 0) {
  console.error(`\nmore than there may be: ${grown.map(([name]) => name).join("; ")}`);
  console.error(
    "Find out where with `node bench/profile.ts`; where it is meant, say so with `npm run bench:guard -- --write`.",
  );
  process.exitCode = 1;
}
process.exit();
