import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { allocatedBytes, type Kind, promotedBytes } from "./allocated.ts";
import { startLoad, startServer, stopAll } from "./processes.ts";

/**
 * `npm run bench:guard [-- --write]`: whether a request costs more than it did. Counted is what it allocates, which other work on the machine does not
 * move: the same is found each time to a hundredth. Fails when one of the figures has grown by more than 15 %, or what is kept has doubled; what is
 * meant to cost more, or costs less now, is written into `guard.json`.
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
};

const before = z.record(z.string(), z.number()).parse(JSON.parse(readFileSync(FILE, "utf8")));
const after: Record<string, number> = {};
try {
  const load = startLoad();
  const upstream = await startServer("bench/upstream.ts", [], { env: { PACE_MS: "0" } });
  for (const [name, kind] of Object.entries(KINDS)) after[name] = await allocatedBytes(load, upstream.url, kind);
  for (const [name, kind] of Object.entries(PROMOTED)) after[name] = await promotedBytes(load, upstream.url, kind);
} finally {
  stopAll();
}

console.log("| bytes of V8's heap for each | before | now | |\n|---|---|---|---|");
for (const [name, bytes] of Object.entries(after)) {
  const was = before[name];
  const ratio = was === undefined ? "new" : `${(bytes / was).toFixed(2)} ×`;
  console.log(`| ${name} | ${was ?? ""} | ${Math.round(bytes)} | ${ratio} |`);
}
const grown = Object.entries(after).filter(([name, bytes]) => {
  const most = Object.hasOwn(PROMOTED, name) ? MOST_KEPT : MOST;
  return bytes > (before[name] ?? Number.POSITIVE_INFINITY) * most;
});
if (process.argv.includes("--write")) {
  const rounded = Object.fromEntries(Object.entries(after).map(([name, bytes]) => [name, Math.round(bytes)]));
  writeFileSync(FILE, `${JSON.stringify(rounded, null, 2)}\n`);
} else if (grown.length > 0) {
  console.error(`\nmore than there may be: ${grown.map(([name]) => name).join("; ")}`);
  console.error(
    "Find out where with `node bench/profile.ts`; where it is meant, say so with `npm run bench:guard -- --write`.",
  );
  process.exitCode = 1;
}
process.exit();
