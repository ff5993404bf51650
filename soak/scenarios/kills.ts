import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Answer, header } from "../rig/line.ts";
import { closedLoop } from "../rig/load.ts";
import { logPath, readLog } from "../rig/log-lines.ts";
import { nowMs } from "../rig/now.ts";
import { Rig, type Router } from "../rig/processes.ts";
import { type Provider, plainConfig, startProvider } from "../rig/provider.ts";
import { requestOf } from "../rig/requests.ts";
import { ms, type Outcome, type Scenario, type Size, thousands, Verdict } from "../scenario.ts";

const CONNECTIONS = 8;
/** Records are written a tenth of a second after the answer at most; two cores are shared by all processes here. */
const WRITTEN_MS = 200;

/** The same folder all the time: each start finds what the kill before it left. */
export const kills: Scenario = {
  name: "kills",
  figure: "SIGKILL at random moments under load, the log on; every start goes on with the file the kill left",
  goal: `0 records lost that were in the file, or whose request was answered ${WRITTEN_MS} ms before; every line whole after the next start`,
  run,
};

async function run(size: Size): Promise<Outcome> {
  await using rig = new Rig();
  const provider = await startProvider(rig);
  const verdict = new Verdict();
  const times = size.count(100, 2);
  const folder = rig.folder();
  const totals = { answered: 0, acknowledged: 0, lost: 0, torn: 0, oldestMs: 0 };
  for (let kill = 0; kill < times; kill++) {
    const router = await rig.router(configOf(provider), { bare: true, folder });
    const round = await killUnderLoad(router);
    const { ids, torn } = readLog(logPath(router));
    if (torn > 0) totals.torn++;
    const kept = new Set(ids);
    for (const id of round.written)
      verdict.expect(kept.has(id), `kill ${kill}: record ${id} was in the file and is not any more`);
    totals.answered += round.answers.length;
    for (const { head, endedAt } of round.answers) {
      const age = round.killedAt - endedAt;
      const isThere = kept.has(header(head, "x-router-id") ?? "");
      if (!isThere) totals.oldestMs = Math.max(totals.oldestMs, age);
      if (age < WRITTEN_MS) continue;
      totals.acknowledged++;
      if (isThere) continue;
      totals.lost++;
      verdict.expect(false, `kill ${kill}: a request answered ${ms(age)} before is not recorded`);
    }
  }
  await startOnceMore(await rig.router(configOf(provider), { bare: true, folder }), verdict);
  return verdict.outcome(
    `${totals.lost} of ${thousands(totals.acknowledged)} lost in ${times} kills (${thousands(totals.answered)} requests); the oldest record not yet written was ${ms(totals.oldestMs)} old; ${totals.torn} kills left half a line, each cut off at the start`,
  );
}

function configOf(provider: Provider): string {
  return plainConfig(provider.base("openai"), "[logging]\nenabled = true");
}

interface Round {
  answers: Answer[];
  /** In the file just before the kill. */
  written: string[];
  killedAt: number;
}

async function killUnderLoad(router: Router): Promise<Round> {
  const answers: Answer[] = [];
  let over = false;
  const job = (stream: boolean) => ({
    request: requestOf({ stream }),
    done: (answer: Answer) => {
      if (answer.status === 200 && answer.whole) answers.push(answer);
      else over = true;
    },
  });
  const load = closedLoop(router.url, CONNECTIONS, () => (over ? undefined : job(answers.length % 2 === 0)));
  await delay(300 + Math.random() * 700);
  const path = logPath(router);
  const written = existsSync(path) ? readLog(path).ids : [];
  const killedAt = nowMs();
  router.child.kill("SIGKILL");
  await router.ended;
  await load;
  return { answers, written, killedAt };
}

async function startOnceMore(router: Router, verdict: Verdict): Promise<void> {
  router.child.kill("SIGTERM");
  verdict.expect((await router.ended) === 0, "the last start did not end well");
  const { ids, broken, torn } = readLog(logPath(router));
  verdict.expect(broken === 0 && torn === 0, `${broken} lines are broken, ${torn} characters of half a line are left`);
  verdict.expect(new Set(ids).size === ids.length, "a record is there twice");
}
