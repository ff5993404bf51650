import { readFileSync } from "node:fs";
import { type Profiler, Session } from "node:inspector";
import { fileURLToPath } from "node:url";

/** What ran since the last look: for each source file, 1 for each character of code that did. */
export type Reached = Map<string, Uint8Array>;

/**
 * V8's own block coverage of the router's sources, as far as they are loaded after this began. A look takes milliseconds, so
 * inputs are run in batches and only a batch that reached something new is taken apart.
 */
export class Coverage {
  readonly #session = new Session();
  readonly #root: string;
  readonly #known: Reached = new Map();
  readonly #sizes = new Map<string, number>();
  /** Characters of code reached so far. */
  reached = 0;

  /** `root`: the URL that sources of interest begin with. */
  constructor(root: string) {
    this.#root = root;
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** Counting begins anew with each look. */
  look(): Reached {
    let scripts: Profiler.ScriptCoverage[] = [];
    this.#session.post("Profiler.takePreciseCoverage", (error, answer) => {
      if (error) throw error;
      scripts = answer.result;
    });
    const seen: Reached = new Map();
    for (const { url, functions } of scripts) {
      if (!url.startsWith(this.#root)) continue;
      const painted = new Uint8Array(this.#sizeOf(url));
      // Ranges come from the outside in: the innermost has the say.
      for (const { ranges } of functions)
        for (const { startOffset, endOffset, count } of ranges)
          if (count > 0 || startOffset > 0) painted.fill(Math.min(count, 1), startOffset, endOffset);
      seen.set(url, painted);
    }
    return seen;
  }

  hasNew(seen: Reached): boolean {
    for (const [url, painted] of seen) {
      const known = this.#known.get(url);
      for (let at = 0; at < painted.length; at++) if (painted[at] === 1 && known?.[at] !== 1) return true;
    }
    return false;
  }

  add(seen: Reached): void {
    for (const [url, painted] of seen) {
      const known = this.#known.get(url) ?? new Uint8Array(painted.length);
      this.#known.set(url, known);
      for (let at = 0; at < painted.length; at++) {
        if (painted[at] !== 1 || known[at] === 1) continue;
        known[at] = 1;
        this.reached++;
      }
    }
  }

  /** Nothing was reached yet. */
  forget(): void {
    this.#known.clear();
    this.reached = 0;
  }

  #sizeOf(url: string): number {
    const size = this.#sizes.get(url) ?? readFileSync(fileURLToPath(url), "utf8").length;
    this.#sizes.set(url, size);
    return size;
  }
}
