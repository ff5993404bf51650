import { KB2, KB60, MB1, sizeName } from "../asks.ts";
import { compare, YARDSTICK } from "../compare.ts";
import { bareProxy, router, routerWithLog } from "../contenders/ours.ts";
import { claudeCodeRouter } from "../contenders/rivals.ts";
import type { Effort, Measured, Section } from "../section.ts";
import { chartOf, middleRatio, notesOf, tableOf, WHOLE } from "../tables.ts";

export const translated: Section = {
  name: "translated",
  title: "Whole answers, Anthropic's API to OpenAI's",
  measure,
};

const CONNECTIONS = 64;

async function measure(effort: Effort): Promise<Measured> {
  const cases = [KB2, KB60, MB1].map((bytes) => ({
    name: sizeName(bytes),
    api: "anthropic" as const,
    bytes,
    stream: false,
    connections: CONNECTIONS,
  }));
  const contenders = [bareProxy, router, routerWithLog, claudeCodeRouter];
  const measured = await compare({ contenders, cases, paceMs: 0 }, effort);
  return {
    about: `${CONNECTIONS} connections send a request of Anthropic's Messages; the provider speaks OpenAI's Chat Completions. The bare proxy translates nothing and gets a request of the same size in OpenAI's API. Figures as above.`,
    ...tableOf(measured.cases, WHOLE, YARDSTICK),
    ...notesOf(measured.remarks),
    chart: chartOf(measured.cases, "cpuMicros", "CPU of a whole answer, Anthropic's API to OpenAI's", "µs"),
    figures: Object.fromEntries(
      measured.cases.map((one) => [
        `translated ${one.name}: throughput to bare`,
        middleRatio(one, router.name, YARDSTICK, "perSecond"),
      ]),
    ),
  };
}
