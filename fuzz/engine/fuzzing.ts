import type { Random } from "../../src/core/clock.ts";
import { seededRandom } from "../../src/core/seeded-random.ts";
import type { Coverage } from "./coverage.ts";
import { distilled } from "./distil.ts";
import type { Over, Task } from "./fuzz-targets.ts";
import { type Finding, Guard } from "./guard.ts";
import { type Material, mutated } from "./mutate.ts";
import { retainedMb } from "./retained.ts";
import { shrunk } from "./shrink.ts";
import type { Target } from "./target.ts";
import { wordsOf } from "./words.ts";

/** Inputs between two looks at what was reached. */
const BATCH = 128;
/** What no input may leave behind, in a thousand runs. */
const MAX_RETAINED_MB = 16;

/** Who hears of what goes on. */
export interface Listener {
  /** An input is about to be run. */
  running(input: Buffer): void;
  found(finding: Finding): void;
}

/** One target, and the inputs it is given. */
export class Fuzzing {
  readonly #target: Target;
  readonly #listener: Listener;
  readonly #guard: Guard;
  readonly #random: Random;
  readonly #seeds: Buffer[];
  readonly #kept: Buffer[];
  readonly #material: Material & { corpus: Buffer[] };
  readonly #known = new Set<string>();
  readonly #cpuBefore = process.threadCpuUsage();
  #runs = 0;

  constructor(target: Target, { seed, corpus }: Task, listener: Listener) {
    this.#target = target;
    this.#listener = listener;
    this.#guard = new Guard(target);
    this.#random = seededRandom(seed);
    this.#seeds = [...target.seeds()].map((one) => Buffer.from(one));
    this.#kept = corpus.map((input) => Buffer.from(input));
    this.#material = { words: wordsOf(target.words), corpus: [...this.#seeds, ...this.#kept] };
  }

  /** Inputs that are the same each time. */
  fixed(runs: number): Over {
    for (const input of this.#material.corpus) this.#run(input);
    for (let count = 0; count < runs; count++) this.#run(this.#mutated());
    return { runs: this.#runs, cpu: this.#cpuSeconds() };
  }

  /** Looks for inputs that reach what none did, for so many seconds of this thread's processor time. */
  explored(seconds: number, coverage: Coverage): Over {
    // What ran before is not this target's.
    coverage.look();
    coverage.forget();
    for (const input of this.#material.corpus) this.#run(input);
    coverage.add(coverage.look());
    const before = coverage.reached;
    const until = this.#cpuSeconds() + seconds;
    while (this.#cpuSeconds() < until)
      this.#explore(
        Array.from({ length: BATCH }, () => this.#mutated()),
        coverage,
      );
    const [runs, cpu] = [this.#runs, this.#cpuSeconds()];
    const retained = retainedMb(() => this.#run(this.#mutated()));
    if (retained > MAX_RETAINED_MB) {
      const text = `${retained} MB were left behind by a thousand inputs`;
      this.#report({ target: this.#target.name, key: "memory", text, input: Buffer.alloc(0) });
    }
    const reached = { before, after: coverage.reached };
    return { runs, cpu, reached, corpus: distilled(this.#kept, this.#seeds, coverage, this.#guard), retained };
  }

  #cpuSeconds(): number {
    const { user, system } = process.threadCpuUsage(this.#cpuBefore);
    return (user + system) / 1e6;
  }

  #mutated(): Buffer {
    return mutated(this.#material, this.#random);
  }

  #run(input: Buffer): void {
    this.#runs++;
    this.#listener.running(input);
    const finding = this.#guard.run(input);
    if (finding) this.#report(finding);
  }

  #report(finding: Finding): void {
    if (this.#known.has(finding.key)) return;
    this.#known.add(finding.key);
    this.#listener.found(shrunk(finding, this.#guard));
  }

  /** Keeps of these inputs those that reached what none did before. */
  #explore(inputs: readonly Buffer[], coverage: Coverage): void {
    for (const input of inputs) this.#run(input);
    const seen = coverage.look();
    if (!coverage.hasNew(seen)) return;
    const [only] = inputs;
    if (inputs.length === 1 && only) {
      coverage.add(seen);
      this.#material.corpus.push(only);
      this.#kept.push(only);
      return;
    }
    const half = Math.ceil(inputs.length / 2);
    this.#explore(inputs.slice(0, half), coverage);
    this.#explore(inputs.slice(half), coverage);
    // What only happens once in a process, such as filling a cache, is nobody's in particular.
    coverage.add(seen);
  }
}
