import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type Outcome, type Scenario, type Size, Verdict } from "../scenario.ts";

const RUN = join(import.meta.dirname, "..", "..", "test", "fault", "run.ts");
const GOAL_S = 300;

/** `npm run fault`, by itself a program with a router of its own. */
export const faultMatrix: Scenario = {
  name: "fault-matrix",
  figure:
    "every fault × client API × provider API × whole and streamed × with a second target and without; nothing left open, no key or prompt where it must not be",
  goal: `all as they must be, the router never ends, within ${GOAL_S / 60} minutes`,
  run,
};

async function run(size: Size): Promise<Outcome> {
  const verdict = new Verdict();
  const child = spawn(process.execPath, [RUN, ...(size.quick ? ["reset", "openai"] : [])], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await once(child, "close");
  const [measured = "it did not come to its end", seconds] = /\d+ of \d+ as they must be, in (\d+) s/.exec(text) ?? [];
  verdict.expect(child.exitCode === 0, text.slice(-4_000));
  verdict.expect(Number(seconds) <= GOAL_S, `it took ${seconds} s`);
  return verdict.outcome(measured);
}
