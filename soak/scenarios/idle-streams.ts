import { CLIENT_FORMATS } from "../../test/support/clients/heard.ts";
import { Line } from "../rig/line.ts";
import { nowMs } from "../rig/now.ts";
import { Rig, type Router, rssKb } from "../rig/processes.ts";
import { type Provider, plainConfig, startProvider } from "../rig/provider.ts";
import { requestOf } from "../rig/requests.ts";
import { type Outcome, type Scenario, type Size, thousands, Verdict } from "../scenario.ts";

const ROUNDS = 3;
const AT_ONCE = 100;
const GOAL_KB = 50;
const CLOSED_MS = 5_000;

/** Streams that have begun and are silent: agents that wait for a model that thinks. */
export const idleStreams: Scenario = {
  name: "idle-streams",
  figure: `memory of idle streams of all client formats, then their clients vanish, ${ROUNDS} times`,
  goal: `≤ ${GOAL_KB} KB each (resident); upstreams closed within ${CLOSED_MS / 1_000} s; heap after a collection grows ≤ 5 % from round to round`,
  run,
};

async function run(size: Size): Promise<Outcome> {
  await using rig = new Rig();
  const provider = await startProvider(rig);
  const router = await rig.router(plainConfig(provider.base("openai"), "[overload]\nmax_in_flight = 0"));
  const verdict = new Verdict();
  const streams = size.count(9_000, 1_000);
  const warm = await open(router, 50, "127.0.0.2");
  for (const line of warm) line.close();
  await router.probe();
  const before = rssKb(router.pid);

  const peaks: number[] = [];
  const heaps: number[] = [];
  const closed: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Ports that were just closed are not to be had again for a minute: each round has its own.
    const lines = await open(router, streams, `127.0.0.${round + 3}`);
    const { open: there } = await provider.counts();
    verdict.expect(there === streams, `${there} of ${streams} streams were open`);
    peaks.push(rssKb(router.pid));
    heaps.push((await router.probe()).heapBytes);
    closed.push(await vanish(lines, provider));
  }
  const each = ((peaks[0] ?? Number.NaN) - before) / streams;
  const growth = Math.max(...heaps) / (heaps[0] ?? Number.NaN) - 1;
  const slowest = Math.max(...closed);
  const megabytes = peaks.map((kb) => Math.round(kb / 1_024)).join(", ");
  // What the router itself takes more as it warms up is shared by too few of them in a short run.
  verdict.expect(size.quick || each <= GOAL_KB, `${each.toFixed(1)} KB each`);
  verdict.expect(slowest <= CLOSED_MS, `upstreams were closed after ${closed.map(Math.round).join(", ")} ms`);
  verdict.expect(growth <= 0.05, `the heap grew by ${(growth * 100).toFixed(1)} %`);
  return verdict.outcome(
    `${each.toFixed(1)} KB each of ${thousands(streams)}; closed within ${(slowest / 1_000).toFixed(1)} s; heap ${(growth * 100).toFixed(1)} % more; resident at the peaks ${megabytes} MB`,
  );
}

async function open(router: Router, count: number, localAddress: string): Promise<Line[]> {
  const lines: Line[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(AT_ONCE, count) }, async () => {
      for (let number = next++; number < count; number = next++) {
        const line = new Line(router.url, localAddress);
        lines.push(line);
        await begun(line, number);
      }
    }),
  );
  return lines;
}

function begun(line: Line, number: number): Promise<void> {
  const client = CLIENT_FORMATS[number % CLIENT_FORMATS.length];
  return new Promise((resolve) => {
    const request = requestOf({ ...(client && { client }), stream: true, deed: "begin" });
    void line.ask(request, { first: resolve }).then(() => resolve());
  });
}

/** All at once; how long until the last upstream connection was closed. */
async function vanish(lines: readonly Line[], provider: Provider): Promise<number> {
  const started = nowMs();
  for (const line of lines) line.close();
  let left = lines.length;
  while (left > 0 && nowMs() - started < 30_000) left = (await provider.counts()).open;
  return left === 0 ? nowMs() - started : Number.POSITIVE_INFINITY;
}
