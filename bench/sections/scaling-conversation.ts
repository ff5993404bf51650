import { conversationBody } from "../bodies.ts";
import { median, percentile, spread } from "../figures.ts";
import type { LoadOrder, LoadResult } from "../load.ts";
import { cpuMicros, during, type Server, startLoad, startRouter, startServer } from "../processes.ts";
import type { Effort, Measured, Section } from "../section.ts";

/** How CPU and latency go with the length of a conversation: each turn sends all those before it again. */
export const scalingConversation: Section = {
  name: "scaling, conversation",
  title: "From one message to 400",
  measure: (effort) => during(() => measure(effort)),
};

const MESSAGES = [1, 10, 50, 100, 200, 400];
const BYTES = 600;
/** For CPU; latency is that of one alone. */
const CONNECTIONS = 16;
const WARM_UP = { connections: CONNECTIONS, requests: 10_000, ms: 15_000 };

interface Candidate {
  name: string;
  server: Server;
  path: string;
  api: "openai" | "anthropic";
}

interface Sample {
  /** µs of each request, all threads. */
  cpu: number;
  /** ms, the median. */
  latency: number;
}

type Load = (order: LoadOrder) => Promise<LoadResult>;

async function measure({ rounds, seconds }: Effort): Promise<Measured> {
  const load = startLoad();
  const upstream = await startServer("bench/upstream.ts", [], { env: { PACE_MS: "0" } });
  const bare = await startServer("bench/bare-proxy.ts", [upstream.url]);
  const router = await startRouter(upstream.url);
  const path = "/v1/chat/completions";
  const candidates: readonly Candidate[] = [
    { name: "bare", server: bare, path, api: "openai" },
    { name: "passed through", server: router, path, api: "openai" },
    { name: "anthropic → openai", server: router, path: "/v1/messages", api: "anthropic" },
  ];
  for (const candidate of candidates) await load({ ...orderOf(candidate, 50), ...WARM_UP });
  const levels: { messages: number; samples: Sample[][] }[] = [];
  for (const messages of MESSAGES) {
    const samples = candidates.map((): Sample[] => []);
    for (let round = 0; round < rounds; round++)
      for (const [index, candidate] of candidates.entries())
        samples[index]?.push(await sample(load, candidate, messages, seconds));
    levels.push({ messages, samples });
  }
  const names = candidates.map(({ name }) => name);
  const cpuOf = (level: { samples: Sample[][] }, index: number) => (level.samples[index] ?? []).map(({ cpu }) => cpu);
  return {
    about: `Messages of ${BYTES} bytes, user and assistant by turns, whole answers: CPU µs of a request (all threads, ${CONNECTIONS} connections), and ms that the router adds to the last byte (medians, one connection). Medians of the rounds, least and most behind them.`,
    columns: [
      "messages",
      ...names.map((name) => `CPU µs, ${name}`),
      ...names.slice(1).map((name) => `ms added, ${name}`),
    ],
    rows: levels.map((level) => [
      String(level.messages),
      ...names.map((_, index) => spread(cpuOf(level, index))),
      ...names.slice(1).map((_, index) => spread(added(level.samples[0] ?? [], level.samples[index + 1] ?? []), 2)),
    ]),
    notes: `A message more costs: ${names.map((name, index) => `${name} ${steps(levels.map((level) => ({ messages: level.messages, cpu: median(cpuOf(level, index)) })))} µs`).join("; ")} (from each row to the next; as long as that does not grow, costs grow linearly).`,
    chart: {
      title: "CPU by length of the conversation",
      x: MESSAGES,
      y: "µs of a request",
      series: names.map((name, index) => ({ name, values: levels.map((level) => median(cpuOf(level, index))) })),
    },
  };
}

function added(bare: readonly Sample[], router: readonly Sample[]): number[] {
  return router.map(({ latency }, round) => latency - (bare[round]?.latency ?? Number.NaN));
}

function steps(levels: readonly { messages: number; cpu: number }[]): string {
  const slopes = levels.slice(1).map((level, index) => {
    const before = levels[index] ?? level;
    return (level.cpu - before.cpu) / (level.messages - before.messages);
  });
  return slopes.map((slope) => slope.toFixed(1)).join(", ");
}

async function sample(load: Load, candidate: Candidate, messages: number, seconds: number): Promise<Sample> {
  const { pid } = candidate.server;
  const order = orderOf(candidate, messages);
  const before = cpuMicros(pid);
  const many = await load({ ...order, connections: CONNECTIONS, requests: 1e9, ms: seconds * 500 });
  const cpu = (cpuMicros(pid) - before) / many.requests;
  const alone = await load({ ...order, connections: 1, requests: 1e9, ms: seconds * 250 });
  if (many.errors + alone.errors > 0) throw new Error(`requests of ${messages} messages failed at ${order.url}`);
  return { cpu, latency: percentile(alone.total, 0.5) };
}

function orderOf({ server, path, api }: Candidate, messages: number): Pick<LoadOrder, "url" | "path" | "body"> {
  return { url: server.url, path, body: conversationBody(messages, BYTES, api) };
}
