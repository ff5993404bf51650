import { setTimeout as delay } from "node:timers/promises";
import { CLIENT_FORMATS, type ClientFormat } from "../../test/support/clients/heard.ts";
import { until } from "../../test/support/until.ts";
import { Line } from "../rig/line.ts";
import { nowMs } from "../rig/now.ts";
import { Rig } from "../rig/processes.ts";
import { type Provider, plainConfig, startProvider } from "../rig/provider.ts";
import { requestOf } from "../rig/requests.ts";
import { ms, type Outcome, percentile, type Scenario, type Size, thousands, Verdict } from "../scenario.ts";

const GOAL_MS = 50;

/** Clients that leave before the answer, in its middle, and while they queue. */
export const clientGone: Scenario = {
  name: "client-gone",
  figure:
    "client gone → upstream closed, every client format, whole and streamed, before and after the first byte, and queued",
  goal: `p99 ≤ ${GOAL_MS} ms; who queued is never sent`,
  run,
};

async function run(size: Size): Promise<Outcome> {
  await using rig = new Rig();
  const provider = await startProvider(rig);
  const verdict = new Verdict();
  const times = await leaveWhileAnswered(rig, provider, size.count(100, 10), verdict);
  const { queued, sent } = await leaveWhileQueued(rig, provider, size.count(20, 3), verdict);
  const p99 = percentile(times, 0.99);
  verdict.expect(p99 <= GOAL_MS, `p99 was ${ms(p99)}`);
  const spread = `p50 ${ms(percentile(times, 0.5))}, p99 ${ms(p99)}, max ${ms(Math.max(...times))}`;
  return verdict.outcome(`${spread} over ${thousands(times.length)} clients; ${sent} of ${queued} queued were sent`);
}

async function leaveWhileAnswered(rig: Rig, provider: Provider, rounds: number, verdict: Verdict): Promise<number[]> {
  const router = await rig.router(plainConfig(provider.base("openai")));
  const took: number[] = [];
  for (const client of CLIENT_FORMATS) {
    for (const stream of [false, true]) {
      for (const deed of ["hang", "begin"] as const) {
        for (let round = 0; round < rounds; round++) {
          const tag = `${client.replaceAll("-", "")}.${stream}.${deed}.${round}`;
          const line = new Line(router.url);
          void line.ask(requestOf({ client, stream, tag, deed }));
          await provider.hasArrived(tag);
          // Sometimes before the answer's first byte is on its way, sometimes after.
          if (deed === "begin") await delay(round % 5);
          const leftAt = nowMs();
          line.close();
          await until(() => provider.closed.has(tag), `upstream of ${tag} to be closed`, 5_000).catch(String);
          const closedAt = provider.closed.get(tag);
          verdict.expect(closedAt !== undefined, `${tag}: upstream still open after 5 s`);
          took.push((closedAt ?? Number.POSITIVE_INFINITY) - leftAt);
        }
      }
    }
  }
  const { open } = await provider.counts();
  verdict.expect(open === 0, `${open} requests were still open at the end`);
  router.child.kill("SIGKILL");
  return took;
}

/** One place at the provider, taken; those who wait for it leave, and whoever comes then gets it. */
async function leaveWhileQueued(rig: Rig, provider: Provider, rounds: number, verdict: Verdict) {
  const router = await rig.router(plainConfig(provider.base("openai"), "", "max_concurrency = 1"));
  let queued = 0;
  let sent = 0;
  for (let round = 0; round < rounds; round++) {
    const holder = new Line(router.url);
    void holder.ask(requestOf({ tag: `holder.${round}`, deed: "hang" }));
    await provider.hasArrived(`holder.${round}`);
    const waiting = CLIENT_FORMATS.flatMap((client) =>
      [false, true].map((stream) => wait(router.url, client, stream, round)),
    );
    await delay(50);
    for (const { line } of waiting) line.close();
    await delay(50);
    const last = new Line(router.url);
    const answered = last.ask(requestOf({ deed: "ok" }));
    holder.close();
    const { status } = await answered;
    last.close();
    verdict.expect(status === 200, `the place that became free was not given on: status ${status}`);
    const wrong = waiting.filter(({ tag }) => provider.arrived.has(tag));
    for (const { tag } of wrong) verdict.expect(false, `${tag} was sent though its client had left`);
    queued += waiting.length;
    sent += wrong.length;
  }
  return { queued, sent };
}

function wait(url: string, client: ClientFormat, stream: boolean, round: number) {
  const tag = `queued.${client.replaceAll("-", "")}.${stream}.${round}`;
  const line = new Line(url);
  void line.ask(requestOf({ client, stream, tag, deed: "hang" }));
  return { tag, line };
}
