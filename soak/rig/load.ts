import { setTimeout as delay } from "node:timers/promises";
import { type Answer, type AskOptions, Line } from "./line.ts";
import { nowMs } from "./now.ts";

/** One request of a load, and what becomes of its answer. */
export interface Job {
  request: string | Buffer;
  options?: AskOptions;
  /** The client leaves after the first bytes of the answer. */
  leaves?: boolean;
  done?: (answer: Answer) => void;
}

/** Called for each request; undefined: no more. */
export type NextJob = () => Job | undefined;

/** So many connections, each with one request after the other, until there are no more. */
export async function closedLoop(url: string, connections: number, next: NextJob): Promise<void> {
  await Promise.all(
    Array.from({ length: connections }, async () => {
      let line = new Line(url);
      for (let job = next(); job; job = next()) {
        if (!line.usable) line = new Line(url);
        await perform(line, job);
      }
      line.close();
    }),
  );
}

const TICK_MS = 5;

/** So many requests a second, however long their answers take: as clients are, who do not know of each other. */
export async function openLoop(url: string, perSecond: number, lastsMs: number, next: NextJob): Promise<void> {
  const idle: Line[] = [];
  const running = new Set<Promise<void>>();
  const started = nowMs();
  let sent = 0;
  for (let at = 0; at < lastsMs; at = nowMs() - started) {
    for (; sent < (at / 1_000) * perSecond; sent++) {
      const job = next();
      if (!job) break;
      const line = lineFrom(idle, url);
      const one: Promise<void> = perform(line, job).then(() => {
        running.delete(one);
        if (line.usable) idle.push(line);
      });
      running.add(one);
    }
    await delay(TICK_MS);
  }
  await Promise.all(running);
  for (const line of idle) line.close();
}

function lineFrom(idle: Line[], url: string): Line {
  for (let line = idle.pop(); line; line = idle.pop()) {
    if (line.usable) return line;
  }
  return new Line(url);
}

async function perform(line: Line, job: Job): Promise<void> {
  const { request, options, leaves, done } = job;
  const answer = await line.ask(request, leaves ? { ...options, first: () => line.close() } : options);
  done?.(answer);
}

/** Calls until the time is over, then no more. */
export function during(lastsMs: number, make: () => Job): NextJob {
  const end = nowMs() + lastsMs;
  return () => (nowMs() < end ? make() : undefined);
}

export function times(count: number, make: (index: number) => Job): NextJob {
  let index = 0;
  return () => (index < count ? make(index++) : undefined);
}
