import { openaiBody } from "../bodies.ts";
import { median, percentile, spread } from "../figures.ts";
import type { Held, HoldOrder } from "../holder.ts";
import type { PacedOrder, PacedResult } from "../paced-load.ts";
import { during, type Server, startRouter, startServer, startWorker } from "../processes.ts";
import type { Effort, Measured, Section } from "../section.ts";

/** Whether 1,000 streams hold up each other, and whoever comes beside them. */
export const stalls: Section = {
  name: "stalls",
  title: "1,000 streams at once",
  measure: (effort) => during(() => measure(effort)),
};

const STREAMS = 1_000;
const OPENED_PER_SECOND = 500;
/** Of each stream: 10 words a second, 10,000 events a second in all. */
const PACE_MS = 100;
/** Small requests beside them. */
const PER_SECOND = 50;
const PATH = "/v1/chat/completions";

interface Sample {
  /** ms to the last byte of the small requests; sorted. */
  small: number[];
  /** ms that the event loop was late, the most. */
  late: number;
  /** ms of CPU that it was at work without a break. */
  turn: number;
}

async function measure({ rounds, seconds }: Effort): Promise<Measured> {
  const upstream = await startServer("bench/upstream.ts", [], { env: { PACE_MS: String(PACE_MS), SPREAD_MS: "20" } });
  const servers = {
    "bare proxy": await startServer("bench/bare-proxy.ts", [upstream.url], { probed: true }),
    router: await startRouter(upstream.url, { probed: true }),
    "router, log on": await startRouter(upstream.url, { probed: true, logging: true }),
  };
  const holder = startWorker<HoldOrder, Held>("holder.ts");
  const paced = startWorker<PacedOrder, PacedResult>("paced-load.ts");
  const samples = new Map(Object.keys(servers).map((name): [string, Sample[]] => [name, []]));
  for (let round = -1; round < rounds; round++)
    for (const [name, server] of Object.entries(servers)) {
      const one = await sample(server, seconds * 1000, holder, paced);
      // The first round warms up.
      if (round >= 0) samples.get(name)?.push(one);
    }
  return {
    about: `${STREAMS} streams with an event every ${PACE_MS} ms each, and ${PER_SECOND} small requests a second beside them (ms to the last byte); the longest turn of the event loop, in ms of the thread's CPU, so that waiting for a core does not count; and how many ms late the loop ever was, waiting included. Generators and provider are on the same cores. Medians of the rounds, least and most behind them. The goal is no stall over 20 ms.`,
    columns: ["", "small: p50", "p99", "longest", "longest turn", "latest"],
    rows: [...samples].map(([name, list]) => [
      name,
      ...[0.5, 0.99, 1].map((share) =>
        spread(
          list.map(({ small }) => percentile(small, share)),
          1,
        ),
      ),
      spread(
        list.map(({ turn }) => turn),
        1,
      ),
      spread(
        list.map(({ late }) => late),
        1,
      ),
    ]),
    figures: { "stalls: longest ms": median((samples.get("router") ?? []).map(({ turn }) => turn)) },
  };
}

async function sample(
  server: Server,
  ms: number,
  holder: (order: HoldOrder) => Promise<Held>,
  paced: (order: PacedOrder) => Promise<PacedResult>,
): Promise<Sample> {
  const [whole, body] = [openaiBody(2_048, false), openaiBody(2_048, true)];
  const hold = { url: server.url, path: PATH, body, count: STREAMS, perSecond: OPENED_PER_SECOND };
  const begun = await holder(hold);
  await server.probe();
  // Both kinds of this load are the small request.
  const order = { url: server.url, path: PATH, whole, streamed: whole, streamedEvery: 2, perSecond: PER_SECOND, ms };
  const { errors, ...small } = await paced(order);
  const { longestDelayMs, longestTurnMs } = await server.probe();
  const { failed } = await holder({ close: true });
  if (begun.failed + failed + errors > 0)
    throw new Error(`${begun.failed + failed} streams and ${errors} small requests failed at ${server.url}`);
  const sorted = [...small.whole, ...small.streamed].sort((one, other) => one - other);
  return { small: sorted, late: longestDelayMs, turn: longestTurnMs };
}
