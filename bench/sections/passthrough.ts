import { KB2, KB60, MB1, sizeName } from "../asks.ts";
import { compare, YARDSTICK } from "../compare.ts";
import type { Contender } from "../contenders/contender.ts";
import { nginx } from "../contenders/nginx.ts";
import { bareProxy, router, routerWithLog } from "../contenders/ours.ts";
import { portkey } from "../contenders/rivals.ts";
import type { Effort, Measured, Section } from "../section.ts";
import { type Case, chartOf, middleRatio, notesOf, tableOf, WHOLE } from "../tables.ts";

export const passthrough: Section = {
  name: "passthrough",
  title: "Whole answers, passed through",
  measure: (effort) => measurePassthrough(effort, [bareProxy, router, routerWithLog, nginx, portkey], [KB2, KB60, MB1]),
};

const CONNECTIONS = 64;

export async function measurePassthrough(
  effort: Effort,
  contenders: readonly Contender[],
  sizes: readonly number[],
): Promise<Measured> {
  const cases = sizes.map((bytes) => ({
    name: sizeName(bytes),
    api: "openai" as const,
    bytes,
    stream: false,
    connections: CONNECTIONS,
  }));
  const measured = await compare({ contenders, cases, paceMs: 0 }, effort);
  return {
    about: `${CONNECTIONS} connections send a request of OpenAI's Chat Completions as soon as the one before is answered, with 700 bytes. CPU is that of the process with all its threads, for each request; "of bare" and "× bare" are taken round by round.`,
    ...tableOf(measured.cases, WHOLE, YARDSTICK),
    ...notesOf(measured.remarks),
    chart: chartOf(measured.cases, "cpuMicros", "CPU of a whole answer, passed through", "µs"),
    figures: figuresOf(measured.cases),
  };
}

function figuresOf(cases: readonly Case[]): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const one of cases)
    for (const [key, other, figure] of [
      ["throughput to bare", YARDSTICK, "perSecond"],
      ["throughput to Portkey", portkey.name, "perSecond"],
      ["CPU to nginx", nginx.name, "cpuMicros"],
    ] as const)
      for (const ours of [router, routerWithLog])
        figures[`passthrough ${one.name}, ${ours.name}: ${key}`] = middleRatio(one, ours.name, other, figure);
  return figures;
}
