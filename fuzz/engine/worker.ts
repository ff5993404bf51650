import { parentPort, workerData } from "node:worker_threads";
import { seededRandom } from "../../src/core/seeded-random.ts";
import { Coverage } from "./coverage.ts";
import { distilled } from "./distil.ts";
import type { Told, Work } from "./fuzz-target.ts";
import { type Finding, Guard } from "./guard.ts";
import { type Material, mutated } from "./mutate.ts";
import { retainedMb } from "./retained.ts";
import { shrunk } from "./shrink.ts";
import { wordsOf } from "./words.ts";

/** Inputs between two looks at what was reached. */
const BATCH = 128;
/** What no input may leave behind, in a thousand runs. */
const MAX_RETAINED_MB = 16;
const SOURCES = new URL("../../src/", import.meta.url);

const work: Work = workerData;
const random = seededRandom(work.seed);
// Before the sources are loaded: only what is compiled after it is counted by blocks.
const coverage = work.seconds === undefined ? undefined : new Coverage(SOURCES.href);
const { targetNamed } = await import("../targets/index.ts");
const target = targetNamed(work.target);
const guard = new Guard(target);
const seeds: Buffer[] = [...target.seeds()].map((seed) => Buffer.from(seed));
const kept: Buffer[] = work.corpus.map((input) => Buffer.from(input));
const material: Material & { corpus: Buffer[] } = { words: wordsOf(target.words), corpus: [...seeds, ...kept] };
const known = new Set<string>();
let runs = 0;

function cpuSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}

function tell(told: Told): void {
  parentPort?.postMessage(told);
}

/** What the parent sees of the input that is being run, should this thread never come back from it. */
function run(input: Buffer): void {
  runs++;
  new Uint8Array(work.current, 8).set(input.subarray(0, work.current.byteLength - 8));
  const numbers = new Int32Array(work.current, 0, 2);
  Atomics.store(numbers, 1, input.length);
  Atomics.add(numbers, 0, 1);
  const finding = guard.run(input);
  if (finding) report(finding);
}

function report(finding: Finding): void {
  if (known.has(finding.key)) return;
  known.add(finding.key);
  const { key, text, input } = shrunk(finding, guard);
  tell({ kind: "finding", key, text, input });
}

/** Keeps of these inputs those that reached what none did before. */
function explore(inputs: readonly Buffer[], looked: Coverage): void {
  for (const input of inputs) run(input);
  const seen = looked.look();
  if (!looked.hasNew(seen)) return;
  const [only] = inputs;
  if (inputs.length === 1 && only) {
    looked.add(seen);
    material.corpus.push(only);
    kept.push(only);
    return;
  }
  const half = Math.ceil(inputs.length / 2);
  explore(inputs.slice(0, half), looked);
  explore(inputs.slice(half), looked);
  // What only happens once in a process, such as filling a cache, is nobody's in particular.
  looked.add(seen);
}

function beginWith(looked: Coverage): void {
  for (const input of material.corpus) run(input);
  looked.add(looked.look());
}

if (coverage) {
  beginWith(coverage);
  const before = coverage.reached;
  const until = cpuSeconds() + (work.seconds ?? 0);
  while (cpuSeconds() < until)
    explore(
      Array.from({ length: BATCH }, () => mutated(material, random)),
      coverage,
    );
  const explored = runs;
  const cpu = cpuSeconds();
  const retained = retainedMb(() => run(mutated(material, random)));
  if (retained > MAX_RETAINED_MB) {
    const text = `${retained} MB were left behind by a thousand inputs`;
    report({ target: target.name, key: "memory", text, input: Buffer.alloc(0) });
  }
  const reached = { before, after: coverage.reached };
  tell({ kind: "over", runs: explored, reached, corpus: distilled(kept, seeds, coverage, guard), retained, cpu });
} else {
  for (const input of material.corpus) run(input);
  for (let count = 0; count < work.runs; count++) run(mutated(material, random));
  tell({ kind: "over", runs, cpu: cpuSeconds() });
}
