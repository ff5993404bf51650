import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { anthropicBody, CHUNKS, openaiBody } from "./bodies.ts";
import type { LoadOrder, LoadResult } from "./load.ts";
import { type RouterOptions, type Server, startRouter, stop } from "./processes.ts";

/** A kind of request. */
export interface Kind {
  bytes: number;
  stream: boolean;
  /** From Anthropic's API to OpenAI's; else passed through. */
  translated: boolean;
  options?: RouterOptions;
}

interface Node {
  selfSize: number;
  children: Node[];
}
const nodeSchema: z.ZodType<Node> = z.object({ selfSize: z.number(), children: z.lazy(() => z.array(nodeSchema)) });

type Load = (order: LoadOrder) => Promise<LoadResult>;

const CONNECTIONS = 16;
const SAMPLER = join(import.meta.dirname, "heap-sampler.ts");

/** What the router allocates on V8's heap for each request, or for each event of a stream, in bytes. */
export async function allocatedBytes(load: Load, upstreamUrl: string, kind: Kind): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "allocated-"));
  const file = join(folder, "samples.json");
  const router = await startRouter(upstreamUrl, {
    ...kind.options,
    node: ["--import", SAMPLER],
    env: { HEAP_SAMPLES: file },
  });
  try {
    const [first, then] = kind.stream ? [100, 100] : [6_000, 2_000];
    // Compilers allocate, too, and what is compiled allocates less.
    await ask(load, router, kind, first);
    await signal(router, `${file}.on`);
    await ask(load, router, kind, then);
    await signal(router, `${file}.off`);
    const { head } = z.object({ head: nodeSchema }).parse(JSON.parse(readFileSync(file, "utf8")));
    return sizeOf(head) / then / (kind.stream ? CHUNKS : 1);
  } finally {
    stop(router);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What small collections hand on to the old generation for each request, in bytes, with 64 in flight: what they took for needed twice. */
export async function promotedBytes(load: Load, upstreamUrl: string, kind: Kind): Promise<number> {
  const collections: number[] = [];
  const heard = (text: string) => {
    for (const [, bytes] of text.matchAll(/"gc":"s".*?"promoted":(\d+)/g)) collections.push(Number(bytes));
  };
  const router = await startRouter(upstreamUrl, { ...kind.options, node: ["--trace-gc-nvp"], heard });
  try {
    const requests = kind.bytes > 10_000 ? 4_000 : 12_000;
    await ask(load, router, kind, requests, 64);
    collections.length = 0;
    await ask(load, router, kind, requests, 64);
    return collections.reduce((sum, bytes) => sum + bytes, 0) / requests;
  } finally {
    stop(router);
  }
}

async function ask(
  load: Load,
  { url }: Server,
  { bytes, stream, translated }: Kind,
  requests: number,
  connections = CONNECTIONS,
) {
  const path = translated ? "/v1/messages" : "/v1/chat/completions";
  const body = translated ? anthropicBody(bytes, stream) : openaiBody(bytes, stream);
  const { errors } = await load({ url, path, body, connections, requests, ms: 120_000 });
  if (errors > 0) throw new Error(`${errors} of ${requests} requests failed`);
}

async function signal({ pid }: Server, sign: string): Promise<void> {
  process.kill(pid, "SIGUSR2");
  while (!existsSync(sign)) await new Promise((resolve) => setTimeout(resolve, 50));
}

function sizeOf({ selfSize, children }: Node): number {
  return children.reduce((sum, child) => sum + sizeOf(child), selfSize);
}
