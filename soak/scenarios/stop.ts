import { setTimeout as delay } from "node:timers/promises";
import { CLIENT_FORMATS } from "../../test/support/clients/heard.ts";
import { type Answer, Line } from "../rig/line.ts";
import { during, openLoop } from "../rig/load.ts";
import { nowMs } from "../rig/now.ts";
import { Rig, type Router } from "../rig/processes.ts";
import { plainConfig, startProvider } from "../rig/provider.ts";
import { requestOf } from "../rig/requests.ts";
import { troubleOf } from "../rig/tally.ts";
import { ms, type Outcome, type Scenario, type Size, Verdict } from "../scenario.ts";

const PER_SECOND = 200;
const STREAMS = 50;
const ACCEPT_MS = 100;
const SECOND_SIGNAL_MS = 1_000;
/** A request on its way while the signal is: it may have come before or after. */
const UNSURE_MS = 50;

/** Half the streams end within the time they are given, the others never would. */
export const stop: Scenario = {
  name: "stop",
  figure: `SIGTERM under ${PER_SECOND} requests a second and ${STREAMS} streams of all client formats; then a second signal with a stream that never ends`,
  goal: `no request lost that came before it; accepting stops within ${ACCEPT_MS} ms; streams end whole or with one error event; exit code 0; second signal: ended within ${SECOND_SIGNAL_MS / 1_000} s`,
  run,
};

async function run(size: Size): Promise<Outcome> {
  await using rig = new Rig();
  const provider = await startProvider(rig);
  const verdict = new Verdict();
  const drainS = size.quick ? 3 : 10;
  const config = plainConfig(provider.base("openai"), `drain_s = ${drainS}`);
  const stops: string[] = [];
  for (let round = 0; round < size.count(3, 1); round++)
    stops.push(await stopUnderLoad(await rig.router(config), verdict));
  const second = await stopTwice(await rig.router(config));
  verdict.expect(second <= SECOND_SIGNAL_MS, `it ended ${ms(second)} after the second signal`);
  return verdict.outcome(`${stops.join("; ")}; second signal: ended after ${ms(second)}`);
}

async function stopUnderLoad(router: Router, verdict: Verdict): Promise<string> {
  const answers: Answer[] = [];
  const load = openLoop(router.url, PER_SECOND, 3_000, during(3_000, jobs(answers)));
  const ending = streams(router.url, "pace-150");
  const endless = streams(router.url, "drip-100");
  const unused = new Line(router.url);
  await delay(1_500);
  const signalled = nowMs();
  router.child.kill("SIGTERM");
  const [refusedAfter, unusedAfter] = await Promise.all([refused(router.url), closedAt(unused)]);
  await load;
  const code = await router.ended;
  const endedAfter = nowMs() - signalled;
  verdict.expect(refusedAfter <= ACCEPT_MS, `it still accepted ${ms(refusedAfter)} after the signal`);
  verdict.expect(
    unusedAfter - signalled <= ACCEPT_MS,
    `an unused connection was closed after ${ms(unusedAfter - signalled)}`,
  );
  verdict.expect(code === 0, `exit code ${code}`);
  const before = answers.filter(({ sentAt }) => sentAt < signalled - UNSURE_MS);
  const lost = before.filter((answer) => troubleOf(answer) !== undefined);
  for (const answer of lost) verdict.expect(false, `before the signal: ${troubleOf(answer)}`);
  for (const answer of answers) {
    verdict.expect(answer.status === 0 || answer.whole, `an answer with status ${answer.status} was broken off`);
    verdict.expect([0, 200, 503].includes(answer.status), `status ${answer.status}`);
  }
  await judgeStreams(ending, endless, verdict);
  return `${lost.length} of ${before.length} lost, refused after ${ms(refusedAfter)}, ended after ${(endedAfter / 1_000).toFixed(1)} s with code ${code}`;
}

function jobs(answers: Answer[]) {
  let serial = 0;
  return () => {
    const number = serial++;
    const client = CLIENT_FORMATS[number % CLIENT_FORMATS.length];
    const deed = number % 2 === 0 ? "slow-300" : "ok";
    const request = requestOf({ ...(client && { client }), stream: number % 3 === 0, deed });
    return { request, done: (answer: Answer) => void answers.push(answer) };
  };
}

function streams(url: string, deed: "pace-150" | "drip-100"): Promise<Answer>[] {
  return Array.from({ length: STREAMS / 2 }, (_, index) => {
    const client = CLIENT_FORMATS[index % CLIENT_FORMATS.length];
    return new Line(url).ask(requestOf({ ...(client && { client }), stream: true, deed }), { keep: true });
  });
}

const TOLD = "the router is being stopped";

async function judgeStreams(ending: Promise<Answer>[], endless: Promise<Answer>[], verdict: Verdict): Promise<void> {
  for (const { whole, body } of await Promise.all(ending)) {
    verdict.expect(whole && !body.includes(TOLD), `a stream that had time to end: whole ${whole}, ${body.slice(-200)}`);
  }
  for (const { whole, body } of await Promise.all(endless)) {
    const events = body.split(TOLD).length - 1;
    verdict.expect(whole && events === 1, `a stream without end: whole ${whole}, ${events} error events`);
  }
}

/** ms until a connection is refused. */
async function refused(url: string): Promise<number> {
  const started = nowMs();
  for (;;) {
    const asked = nowMs();
    const line = new Line(url);
    const accepted = await new Promise<boolean>((resolve) => {
      line.socket.once("connect", () => resolve(true));
      line.socket.once("close", () => resolve(false));
    });
    line.close();
    if (!accepted) return asked - started;
    await delay(5);
  }
}

function closedAt(line: Line): Promise<number> {
  return new Promise((resolve) => line.socket.once("close", () => resolve(nowMs())));
}

async function stopTwice(router: Router): Promise<number> {
  const line = new Line(router.url);
  await new Promise<void>((resolve) => {
    void line.ask(requestOf({ stream: true, deed: "begin" }), { first: resolve });
  });
  router.child.kill("SIGTERM");
  await delay(300);
  const again = nowMs();
  router.child.kill("SIGTERM");
  await router.ended;
  line.close();
  return nowMs() - again;
}
