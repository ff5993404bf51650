import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { CompleteEvent } from "../../../src/record/events.ts";
import type { Cleanup } from "../in-process.ts";
import { randomRecord, seeded } from "../log-records.ts";
import type { RunningRouter } from "../router.ts";
import { indexed, startDashboard } from "./dashboard.ts";

/** A router with a long past: what its log says, and the router that serves it. */
export interface Past {
  router: RunningRouter;
  records: readonly CompleteEvent[];
}

/** Writes a log of `count` exchanges over the `spanMs` before now, and starts a router on it once it is indexed. */
export async function startPast(test: Cleanup, count: number, spanMs: number): Promise<Past> {
  const folder = await mkdtemp(join(tmpdir(), "router-past-"));
  test.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "log.jsonl");
  const random = seeded(6);
  const begunMs = Date.now() - spanMs;
  const records = Array.from({ length: count }, (_, at) =>
    randomRecord(random, begunMs + Math.floor((spanMs * at) / count)),
  );
  await pipeline(Readable.from(linesOf(records)), createWriteStream(path));
  const router = await startDashboard(test, configAt(path));
  await indexed(router, count);
  return { router, records };
}

/** Some lines at a time: one by one the stream would cost more than the JSON. */
function* linesOf(records: readonly CompleteEvent[]): Generator<string> {
  for (let at = 0; at < records.length; at += 500)
    yield records
      .slice(at, at + 500)
      .map((record) => `${JSON.stringify(record)}\n`)
      .join("");
}

function configAt(path: string): string {
  return `
[server]
port = 0
dashboard = true

[logging]
enabled = true
path = ${JSON.stringify(path)}

[[providers]]
name = "ollama"
format = "simulated"

[[routers]]
type = "fallback"
`;
}
