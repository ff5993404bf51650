import { parseArgs } from "node:util";
import { complaintsAtEnd, Ends } from "./leftovers.ts";
import { allCells, type Result, runCells, titleOf } from "./matrix.ts";
import { randomRuns } from "./random.ts";
import { ROWS } from "./rows/index.ts";
import { startHere, startProgram } from "./start.ts";

/**
 * `npm run fault [-- WORDS… --here --at-once N]`: the fault matrix, all of it or the variants whose names have these words.
 * `npm run fault -- --random N [--seed N]`: so many requests whose providers break at random.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      here: { type: "boolean" },
      "at-once": { type: "string" },
      random: { type: "string" },
      seed: { type: "string" },
    },
  });
  if (values.random !== undefined) return runAtRandom(Number(values.random), Number(values.seed ?? Date.now() % 1e9));
  const chosen = allCells(ROWS).filter((cell) => positionals.every((word) => titleOf(cell).includes(word)));
  const bench = values.here ? await startHere() : await startProgram();
  const ends = bench.pid === undefined ? undefined : new Ends(bench.pid);
  const started = performance.now();
  const results = await runCells(bench, chosen, Number(values["at-once"] ?? 16), (result) => {
    if (result.complaint !== undefined) console.log(`FAILED ${titleOf(result)}\n    ${result.complaint}`);
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(tableOf(results));
  const failed = results.filter(({ complaint }) => complaint !== undefined).length;
  console.log(`${results.length - failed} of ${chosen.length} as they must be, in ${seconds} s`);
  const complaints = await complaintsAtEnd(bench);
  const leaked = (await ends?.leaked()) ?? 0;
  if (leaked > 0) complaints.push(`${leaked} connections were left in the router's process`);
  complaints.push(...bench.lookThrough().hits);
  for (const complaint of complaints.slice(0, 20)) console.log(`- ${complaint}`);
  await bench.close();
  if (failed > 0 || results.length < chosen.length || complaints.length > 0) process.exitCode = 1;
}

async function runAtRandom(count: number, seed: number): Promise<void> {
  console.log(`${count} requests, seeds from ${seed}`);
  const { complaints, ...sum } = await randomRuns({ seed, count });
  for (const complaint of complaints.slice(0, 20)) console.log(`FAILED ${complaint}`);
  console.log(sum);
  if (complaints.length > 0) process.exitCode = 1;
}

function tableOf(results: readonly Result[]): string {
  const lines = ROWS.flatMap((row) => {
    const mine = results.filter((result) => result.row === row);
    if (mine.length === 0) return [];
    const ok = mine.filter(({ complaint }) => complaint === undefined).length;
    const slowest = Math.max(...mine.map(({ ms }) => ms)).toFixed(0);
    const name = `${String(row.number).padStart(2)} ${row.fault}`;
    const times = mine.flatMap(({ measuredMs }) => measuredMs ?? []).sort((a, b) => a - b);
    const p99 = times[Math.floor(times.length * 0.99)];
    const measured = p99 === undefined ? "" : `   closed after ${p99.toFixed(1)} ms (p99)`;
    return [`${name.padEnd(48)} ${`${ok}/${mine.length}`.padStart(8)} ${slowest.padStart(7)} ms${measured}`];
  });
  return ["", `${"fault".padEnd(48)} ${"ok".padStart(8)} ${"slowest".padStart(10)}`, ...lines].join("\n");
}

await main();
