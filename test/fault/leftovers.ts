import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { until } from "../support/until.ts";
import type { RunningBench } from "./start.ts";

/** Timers, sockets and the like that keep this process going, by kind. */
export function resources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** Waits until there are no more of any kind than before; names what stayed. */
export async function expectNoneLeft(before: ReadonlyMap<string, number>): Promise<void> {
  const more = () => [...resources()].filter(([kind, count]) => count > (before.get(kind) ?? 0));
  await until(() => more().length === 0, "timers and sockets to go").catch(() => {
    const left = more().map(([kind, count]) => `${kind}: ${count}, ${before.get(kind) ?? 0} before`);
    throw new Error(`something was left behind: ${left.join("; ")}`);
  });
}

/** What every run of the matrix must end in, however the variants went: no request still open, nothing strange seen. */
export async function complaintsAtEnd(bench: RunningBench): Promise<string[]> {
  const { upstream, elsewhere, died } = bench;
  const complaints: string[] = [];
  if (died !== undefined) complaints.push(died);
  await until(() => upstream.open.length === 0, "").catch(() => {
    complaints.push(`still open at the provider: ${upstream.open.map(({ model }) => model).join(", ")}`);
  });
  complaints.push(...upstream.strays.map((stray) => `stray: ${stray}`));
  const crashed = upstream.calls.filter(({ crash }) => crash !== undefined);
  complaints.push(...crashed.map(({ model, crash }) => `a script failed for ${model}: ${crash}`));
  if (elsewhere.everAsked) complaints.push("the router followed a redirect");
  const errors = bench.printed().match(/^(?:(?:\S+Z )?error\b|.*unhandled|\s+at .+:\d+:\d+).*$/gim) ?? [];
  complaints.push(...errors.map((line) => `the router said: ${line}`));
  return complaints;
}

/**
 * The connections of a router in a process of its own: each has its other end in this one, so that the two grow and shrink
 * together. A connection that only the router still has was leaked.
 */
export class Ends {
  readonly #pid: number;
  readonly #more: number;

  constructor(pid: number) {
    this.#pid = pid;
    this.#more = this.#difference();
  }

  /** How many there are. */
  async leaked(): Promise<number> {
    await until(() => this.#difference() <= this.#more, "").catch(() => undefined);
    return Math.max(0, this.#difference() - this.#more);
  }

  #difference(): number {
    return socketsOf(this.#pid) - socketsOf(process.pid);
  }
}

function socketsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((name) => linkOf(join(folder, name)).startsWith("socket:")).length;
}

/** One that was closed while we looked is none. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
