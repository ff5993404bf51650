import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { until } from "../../test/support/until.ts";
import { during, openLoop } from "../rig/load.ts";
import { logPath, readLog } from "../rig/log-lines.ts";
import { nowMs } from "../rig/now.ts";
import { Rig, type Router } from "../rig/processes.ts";
import { plainConfig, startProvider } from "../rig/provider.ts";
import { promptOf, requestOf } from "../rig/requests.ts";
import { Tally } from "../rig/tally.ts";
import { ms, type Outcome, percentile, type Scenario, type Size, thousands, Verdict } from "../scenario.ts";

/** Of util-linux. */
const PRLIMIT = "/usr/bin/prlimit";
const PER_SECOND = 200;
const PROMPT_BYTES = 50_000;
const RESUMES_MS = 5_000;
const SLOWER_MS = 5;

/** The system lets no file of the router grow beyond a limit, which is lifted later: needs no file system of its own, and no root. */
export const fullDisk: Scenario = {
  name: "full-disk",
  figure: `the log may not grow any more under ${PER_SECOND} requests a second with prompts of ${PROMPT_BYTES / 1_000} KB, until more waits than is kept, then it may again`,
  goal: `0 failed requests, p99 + ≤ ${SLOWER_MS} ms, the count of dropped records is exact, written again within ${RESUMES_MS / 1_000} s`,
  run,
};

async function run(size: Size): Promise<Outcome> {
  await using rig = new Rig();
  const provider = await startProvider(rig);
  const verdict = new Verdict();
  const router = await rig.router(plainConfig(provider.base("openai"), "[logging]\nenabled = true"), { bare: true });
  const fullMs = size.count(20, 8) * 1_000;
  const warm = await load(router, fullMs / 4);
  const well = await load(router, fullMs / 2);
  const path = logPath(router);
  const before = statSync(path).size;
  limit(router, `${before + 1_000_000}`);
  const full = await load(router, fullMs);
  verdict.expect(/EFBIG/.test(router.printed()), "the log was never full");
  const roomAt = nowMs();
  limit(router, "unlimited");
  await until(() => statSync(path).size > before + 2_000_000, "the log to be written", 30_000);
  const resumed = nowMs() - roomAt;
  await until(() => router.printed().includes("is written again"), "the router to say that all is well", 30_000);
  router.child.kill("SIGTERM");
  verdict.expect((await router.ended) === 0, "it did not end well");

  const { ids, broken, torn } = readLog(logPath(router));
  const answered = warm.answers + well.answers + full.answers;
  const dropped = Number(/is written again; missing: (\d+) record/.exec(router.printed())?.[1] ?? 0);
  verdict.expect(broken === 0 && torn === 0, `${broken} lines are broken, ${torn} characters of half a line are left`);
  verdict.expect(new Set(ids).size === ids.length, "a record is there twice");
  const missing = answered - ids.length;
  verdict.expect(size.quick || missing > 0, "no record was dropped: too little was asked");
  verdict.expect(dropped === missing, `it says that ${dropped} records are missing, and ${missing} are`);
  const failed = warm.failed + well.failed + full.failed;
  verdict.expect(failed === 0, `${warm.troubles()} ${well.troubles()} ${full.troubles()}`);
  const [p99, p99Full] = [percentile(well.tookMs, 0.99), percentile(full.tookMs, 0.99)];
  verdict.expect(size.quick || p99Full - p99 <= SLOWER_MS, `p99 ${ms(p99)} before, ${ms(p99Full)} while full`);
  verdict.expect(resumed <= RESUMES_MS, `written again only after ${ms(resumed)}`);
  return verdict.outcome(
    `${failed} of ${thousands(answered)} failed; p99 ${ms(p99)} before, ${ms(p99Full)} while full; ${dropped} told as dropped, ${missing} missing; written again after ${ms(resumed)}`,
  );
}

/** Only the soft limit: it may be raised again by whoever it is for. */
function limit({ pid }: Router, bytes: string): void {
  execFileSync(PRLIMIT, ["--pid", String(pid), `--fsize=${bytes}:unlimited`]);
}

async function load(router: Router, lastsMs: number): Promise<Tally> {
  const tally = new Tally();
  const prompt = promptOf("x", "ok").padEnd(PROMPT_BYTES, " and so on");
  const request = requestOf({ prompt });
  await openLoop(
    router.url,
    PER_SECOND,
    lastsMs,
    during(lastsMs, () => ({ request, done: (answer) => tally.add(answer) })),
  );
  await delay(200);
  return tally;
}
