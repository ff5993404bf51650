import { relative } from "node:path";
import type { TestEvent } from "node:test/reporters";

const SHOWN = 10;

/** A reporter of `node --test` that says at the end which files took longest: there is time to be found when `npm test` comes near its limit. */
export default async function* slowest(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const files: { file: string; seconds: number }[] = [];
  for await (const { type, data } of events) {
    if (type !== "test:summary" || data.file === undefined) continue;
    files.push({ file: relative(process.cwd(), data.file), seconds: data.duration_ms / 1000 });
  }
  files.sort((one, other) => other.seconds - one.seconds);
  yield "\nThe files that took longest, s:\n";
  for (const { file, seconds } of files.slice(0, SHOWN)) yield `${seconds.toFixed(1).padStart(7)}  ${file}\n`;
}
