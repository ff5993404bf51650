import { KB2 } from "../asks.ts";
import { CHUNKS } from "../bodies.ts";
import { type CaseTerms, compare, YARDSTICK } from "../compare.ts";
import { nginx } from "../contenders/nginx.ts";
import { bareProxy, router, routerWithLog } from "../contenders/ours.ts";
import { claudeCodeRouter, portkey } from "../contenders/rivals.ts";
import type { Effort, Measured, Section } from "../section.ts";
import { type Case, chartOf, middleRatio, notesOf, STREAMED, tableOf } from "../tables.ts";

const PACE_MS = 2;
const CONTENDERS = [bareProxy, router, routerWithLog, nginx, portkey, claudeCodeRouter];
const READING = `The request has 2 KB, the answer ${CHUNKS} events of text. CPU is that of the process with all its threads, for each event. A stall is the longest time between two pieces of one answer, as the client sees it.`;

export const burst: Section = {
  name: "streams, burst",
  title: "Streams as fast as they go",
  measure: (effort) =>
    measureStreams(effort, { connections: 64, paceMs: 0 }, `64 streams at once; all of an answer comes in one go.`),
};

export const paced: Section = {
  name: "streams, paced",
  title: "Streams with 2 ms between events",
  measure: (effort) =>
    measureStreams(
      effort,
      { connections: 64, paceMs: PACE_MS },
      `64 streams at once, ${PACE_MS} ms between events: 32,000 events a second when all keep up.`,
    ),
};

/** One stream for each connection: how long they take says how far behind they are. */
export const crowd: Section = {
  name: "streams, 1,000 paced",
  title: "1,000 streams with 2 ms between events",
  measure: ({ rounds, seconds }) =>
    measureStreams(
      { rounds: Math.min(rounds, 3), seconds },
      { connections: 1_000, requests: 1_000, paceMs: PACE_MS },
      `1,000 streams begin at once, ${PACE_MS} ms between events: half a million events a second are wanted, many times of what two cores can do for provider, proxy and client together. All of them are behind, so that a stall says whose turn takes how long and the rates say who gets how far.`,
    ),
};

interface Crowd {
  connections: number;
  requests?: number;
  paceMs: number;
}

async function measureStreams(effort: Effort, { paceMs, ...crowd }: Crowd, about: string): Promise<Measured> {
  const cases: CaseTerms[] = [
    { name: "passed through", api: "openai", bytes: KB2, stream: true, ...crowd },
    { name: "anthropic → openai", api: "anthropic", bytes: KB2, stream: true, ...crowd },
  ];
  const measured = await compare({ contenders: CONTENDERS, cases, paceMs }, effort);
  const how = `${crowd.connections} streams, ${paceMs === 0 ? "burst" : `${paceMs} ms`}`;
  return {
    about: `${about} ${READING}`,
    ...tableOf(measured.cases, STREAMED, YARDSTICK),
    ...notesOf(measured.remarks),
    chart: chartOf(measured.cases, "cpuMicros", `CPU of an event: ${how}`, "µs"),
    figures: figuresOf(measured.cases, how),
  };
}

function figuresOf(cases: readonly Case[], how: string): Record<string, number> {
  return Object.fromEntries(
    cases.flatMap((one) =>
      [YARDSTICK, nginx.name].map((other) => [
        `${how}, ${one.name}: CPU to ${other}`,
        middleRatio(one, router.name, other, "cpuMicros"),
      ]),
    ),
  );
}
