import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { anthropicBody, openaiBody } from "./bodies.ts";
import { startLoad, startRouter, startServer, stopAll } from "./processes.ts";

/**
 * `node bench/profile.ts [60KB] [stream] [paced] [translated] [log] [SECONDS]`: where the router's CPU time goes with 64 connections, as V8's
 * sampling profiler sees it. What is native stands with its caller. On a machine with other work: `chrt -r 1 node bench/profile.ts`.
 */
const words = new Set(process.argv.slice(2));
const seconds = Number([...words].find((word) => /^\d+$/.test(word)) ?? 8);
const [bytes, stream, translated] = [words.has("60KB") ? 60_000 : 2_048, words.has("stream"), words.has("translated")];
const FUNCTIONS = 60;
const FILES = 30;

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).default([]),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});
type Frame = z.infer<typeof profileSchema>["nodes"][number]["callFrame"];

const folder = mkdtempSync(join(tmpdir(), "profile-"));
try {
  const upstream = await startServer("bench/upstream.ts", [], { env: { PACE_MS: words.has("paced") ? "2" : "0" } });
  const router = await startRouter(upstream.url, {
    logging: words.has("log"),
    node: ["--cpu-prof", "--cpu-prof-interval=500", `--cpu-prof-dir=${folder}`],
  });
  const { requests } = await startLoad()({
    url: router.url,
    path: translated ? "/v1/messages" : "/v1/chat/completions",
    body: translated ? anthropicBody(bytes, stream) : openaiBody(bytes, stream),
    connections: 64,
    requests: Number.MAX_SAFE_INTEGER,
    ms: seconds * 1000,
  });
  process.kill(router.pid, "SIGTERM");
  await router.ended;
  // One for each thread.
  for (const file of readdirSync(folder)) print(readFileSync(join(folder, file), "utf8"), requests);
} finally {
  stopAll();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

function print(text: string, requests: number): void {
  const { nodes, samples, timeDeltas } = profileSchema.parse(JSON.parse(text));
  const times = new Map<number, number>();
  for (const [index, id] of samples.entries()) times.set(id, (times.get(id) ?? 0) + (timeDeltas[index] ?? 0));
  const callers = new Map(nodes.flatMap(({ callFrame, children }) => children.map((child) => [child, callFrame])));
  const functions = new Map<string, number>();
  const files = new Map<string, number>();
  for (const { id, callFrame } of nodes) {
    const caller = callers.get(id);
    const isNative = callFrame.url === "" && caller !== undefined;
    const name = isNative ? `${callFrame.functionName}, called by ${nameOf(caller)}` : nameOf(callFrame);
    for (const [sums, key] of [
      [functions, name],
      [files, fileOf(callFrame) || callFrame.functionName],
    ] as const)
      sums.set(key, (sums.get(key) ?? 0) + (times.get(id) ?? 0) / requests);
  }
  table(`functions: µs of each of ${requests} requests`, functions, FUNCTIONS);
  table("files", files, FILES);
}

function table(title: string, sums: ReadonlyMap<string, number>, most: number): void {
  console.log(`\n${title}`);
  const sorted = [...sums].filter(([name]) => !name.startsWith("(idle)")).sort((one, other) => other[1] - one[1]);
  for (const [name, micros] of sorted.slice(0, most)) console.log(`${micros.toFixed(2).padStart(8)} ${name}`);
}

function nameOf(frame: Frame): string {
  return `${frame.functionName || "(anonymous)"} ${fileOf(frame)}:${frame.lineNumber + 1}`;
}

function fileOf({ url }: Frame): string {
  return url.replace(/^.*\/(?=(?:src|node_modules)\/)/, "").replace(/^node_modules\//, "");
}
