import { anthropicBody, openaiBody } from "../bodies.ts";
import { median, spread } from "../figures.ts";
import type { Held, HoldOrder } from "../holder.ts";
import {
  during,
  rssMb,
  type Server,
  type StartOptions,
  startLoad,
  startRouter,
  startServer,
  startWorker,
} from "../processes.ts";
import type { Effort, Measured, Section } from "../section.ts";

/** What it takes to hold a stream whose provider thinks. */
export const idle: Section = {
  name: "idle",
  title: "Memory of idle streams",
  measure: (effort) => during(() => measure(effort)),
};

/** One after the other, those before stay open. */
const COUNTS = [1_000, 4_000];
/** What was loaded and compiled, and the room V8 takes for young objects, is not a stream's. */
const WARM_UP = { requests: 5_000, connections: 64, ms: 10_000 };
const PER_SECOND = 1_000;
/** The role and two words, then nothing. */
const SILENT = { PACE_MS: "3600000", AT_ONCE: "3" };
/** Where the default is less. */
const MANY = "max_in_flight = 0";

interface Kind {
  name: string;
  path: string;
  body: string;
  whole: string;
  start: (upstream: string, options: StartOptions) => Promise<Server>;
}

const router = (upstream: string, options: StartOptions) => startRouter(upstream, { ...options, overload: MANY });

const KINDS: readonly Kind[] = [
  {
    name: "bare proxy",
    path: "/v1/chat/completions",
    body: openaiBody(2_048, true),
    whole: openaiBody(2_048, false),
    start: (upstream, options) => startServer("bench/bare-proxy.ts", [upstream], options),
  },
  {
    name: "passed through",
    path: "/v1/chat/completions",
    body: openaiBody(2_048, true),
    whole: openaiBody(2_048, false),
    start: router,
  },
  {
    name: "anthropic → openai",
    path: "/v1/messages",
    body: anthropicBody(2_048, true),
    whole: anthropicBody(2_048, false),
    start: router,
  },
];

/** KB of each stream, for each of `COUNTS`. */
interface Sample {
  resident: number[];
  heap: number[];
}

async function measure({ rounds }: Effort): Promise<Measured> {
  const upstream = await startServer("bench/upstream.ts", [], { env: SILENT });
  const samples = KINDS.map((): Sample[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [index, kind] of KINDS.entries()) samples[index]?.push(await during(() => sample(kind, upstream.url)));
  return {
    about: `Streams of which three events have come, and then nothing: KB for each beyond what the process took before (after 5,000 requests), after a collection. ${rounds} processes of each, medians, least and most behind them. The goal is 50 KB resident. At ${COUNTS.at(-1)} the router runs with \`[overload] max_in_flight = 0\`.`,
    columns: ["", ...COUNTS.flatMap((count) => [`resident, ${count}`, `V8's heap, ${count}`])],
    rows: KINDS.map(({ name }, index) => [
      name,
      ...COUNTS.flatMap((_, at) => [
        spread(
          (samples[index] ?? []).map(({ resident }) => resident[at] ?? Number.NaN),
          1,
        ),
        spread(
          (samples[index] ?? []).map(({ heap }) => heap[at] ?? Number.NaN),
          1,
        ),
      ]),
    ]),
    figures: { "idle: KB of a stream": median((samples[1] ?? []).map(({ resident }) => resident[0] ?? Number.NaN)) },
  };
}

async function sample({ path, body, whole, start }: Kind, upstream: string): Promise<Sample> {
  const holder = startWorker<HoldOrder, Held>("holder.ts");
  const server = await start(upstream, { probed: true });
  const open = async (count: number) => {
    const { failed } = await holder({ url: server.url, path, body, count, perSecond: PER_SECOND });
    if (failed > 0) throw new Error(`${failed} of ${count} streams at ${server.url} failed`);
    // Heap first: resident is what there is after the collection.
    const { heapBytes } = await server.probe();
    return { resident: rssMb(server.pid) * 1024, heap: heapBytes / 1024 };
  };
  await startLoad()({ url: server.url, path, body: whole, ...WARM_UP });
  const before = { heap: (await server.probe()).heapBytes / 1024, resident: rssMb(server.pid) * 1024 };
  const result: Sample = { resident: [], heap: [] };
  let there = 0;
  for (const count of COUNTS) {
    const after = await open(count - there);
    there = count;
    result.resident.push((after.resident - before.resident) / count);
    result.heap.push((after.heap - before.heap) / count);
  }
  return result;
}
