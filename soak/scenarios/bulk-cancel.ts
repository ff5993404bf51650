import { setTimeout as delay } from "node:timers/promises";
import { CLIENT_FORMATS } from "../../test/support/clients/heard.ts";
import { until } from "../../test/support/until.ts";
import { watchHealth } from "../rig/health.ts";
import { Line } from "../rig/line.ts";
import { Rig } from "../rig/processes.ts";
import { plainConfig, startProvider } from "../rig/provider.ts";
import { requestOf } from "../rig/requests.ts";
import { ms, type Outcome, type Scenario, type Size, Verdict } from "../scenario.ts";

const STREAMS = 30;
const BYTES = 5_000_000;
const GOAL_MS = 50;

/** What a stream had brought is counted and recorded when its client leaves: for thirty long ones at once. */
export const bulkCancel: Scenario = {
  name: "bulk-cancel",
  figure: `${STREAMS} clients of all formats leave at once, each after ${BYTES / 1e6} MB of its stream; the log is on`,
  goal: `\`/health\` ≤ ${GOAL_MS} ms all the while`,
  run,
};

async function run(size: Size): Promise<Outcome> {
  await using rig = new Rig();
  const provider = await startProvider(rig);
  // Thirty floods keep the router busy: none is to be refused for that.
  const router = await rig.router(
    plainConfig(provider.base("openai"), "[logging]\nenabled = true\n[overload]\nmax_delay_ms = 0"),
  );
  const verdict = new Verdict();
  const slowest: number[] = [];
  for (let round = 0; round < size.count(5, 1); round++) {
    const streams = Array.from({ length: STREAMS }, (_, index) => flood(router.url, `flood.${round}.${index}`, index));
    await quiet(streams.map(({ line }) => line));
    const ended = watchHealth(router.url);
    await delay(200);
    for (const { line } of streams) line.close();
    await until(() => streams.every(({ tag }) => provider.closed.has(tag)), "the upstreams to be closed", 10_000).catch(
      () => {
        for (const { tag, line } of streams.filter((one) => !provider.closed.has(one.tag))) {
          verdict.expect(
            false,
            `${tag}: upstream still open (arrived: ${provider.arrived.has(tag)}, ${line.socket.bytesRead} bytes came)`,
          );
        }
      },
    );
    await delay(1_000);
    slowest.push(Math.max(...(await ended())));
  }
  const worst = Math.max(...slowest);
  verdict.expect(worst <= GOAL_MS, `/health took ${slowest.map(ms).join(", ")} at worst`);
  return verdict.outcome(`slowest \`/health\` ${ms(worst)} in ${slowest.length} rounds`);
}

/** Nothing has come for a second: formats need more or fewer bytes for the same. */
async function quiet(lines: readonly Line[]): Promise<void> {
  const received = () => lines.reduce((sum, { socket }) => sum + socket.bytesRead, 0);
  for (let before = -1, now = 0; now !== before || now === 0; now = received()) {
    before = now;
    await delay(1_000);
  }
}

function flood(url: string, tag: string, index: number) {
  const client = CLIENT_FORMATS[index % CLIENT_FORMATS.length];
  const line = new Line(url);
  void line.ask(requestOf({ ...(client && { client }), stream: true, tag, deed: `flood-${BYTES}` }));
  return { line, tag };
}
