import { writeFile } from "node:fs/promises";
import { escapedControls } from "../../../core/terminal-text.ts";
import { exchangeOf, summaryOf } from "../../../replay/arms/arms-result.ts";
import { askArm } from "../../../replay/arms/ask-arm.ts";
import { Budget } from "../../../replay/arms/budget.ts";
import { expectedOf, type Plan, planArms, unpricedOf } from "../../../replay/arms/plan.ts";
import type { ArmsExchange, ArmsResult } from "../../../replay/arms/result.ts";
import { runArms } from "../../../replay/arms/run-arms.ts";
import { hasColours } from "../../colours.ts";
import { type Io, Refusal } from "../../io.ts";
import { Bench } from "./bench.ts";
import { type ArmsLook, exchangeLines, planLines, summaryLines } from "./lines.ts";
import { type ArmsArgs, type ArmsSettings, settingsOf } from "./settings.ts";
import { wantedOf } from "./wanted.ts";

/** Of a line that goes elsewhere than to a terminal. */
const WIDTH_ELSEWHERE = 100;

/** `replay --arms`: asks a sample of logged requests again. 1: an arm answered nothing, or it was interrupted. */
export async function replayArms(args: ArmsArgs, io: Io, signal = interrupts()): Promise<number> {
  const settings = settingsOf(args);
  const bench = await Bench.on(settings, io, signal);
  try {
    return await asked(bench, settings, io);
  } finally {
    await bench.close();
  }
}

async function asked(bench: Bench, settings: ArmsSettings, io: Io): Promise<number> {
  const { arms, pricing, log } = bench;
  const { sample, seed, maxUsd, allowUnpriced, json, html } = settings;
  const plan = await planArms(wantedOf(log, settings), { arms, sample, seed, pricing, wallMs: Date.now() });
  const look = lookOf(io);
  const say = (lines: readonly string[]) => {
    if (!json) for (const line of lines) io.out(line, "painted");
  };
  const before = beforeAsking(plan, bench, settings);
  say(planLines(before, bench.remarks(plan), look));
  checkPrices(plan, allowUnpriced || maxUsd === undefined);
  const exchanges: ArmsExchange[] = [];
  const budget = new Budget(maxUsd ?? 0);
  const told = (one: Parameters<typeof exchangeOf>[0]) => {
    const exchange = exchangeOf(one);
    exchanges.push(exchange);
    say(exchangeLines(exchange, `${exchanges.length}/${plan.planned.length}`, look));
  };
  const stopped = maxUsd === undefined ? "no_cap" : await run(plan, budget, bench, told);
  const result: ArmsResult = {
    ...before,
    spent_usd: budget.spentUsd,
    stopped: stopped ?? null,
    exchanges: exchanges.toSorted((a, b) => a.ts_ms - b.ts_ms),
    summary: maxUsd === undefined ? [] : summaryOf(exchanges, arms),
  };
  if (html !== undefined) await written(html, result, io);
  if (json) io.out(escapedControls(JSON.stringify(result, undefined, 2)));
  else say(summaryLines(result, look));
  return exitCodeOf(result);
}

async function run(plan: Plan, budget: Budget, bench: Bench, told: Parameters<typeof runArms>[3]["told"]) {
  await bench.meet();
  const ask: Parameters<typeof runArms>[2] = (outlook, askable, tokens) =>
    askArm(outlook, askable, tokens, bench.tools);
  return runArms(plan.planned, budget, ask, { signal: bench.tools.signal, told });
}

function beforeAsking(
  plan: Plan,
  { arms, log }: Bench,
  { config, seed, maxUsd }: ArmsSettings,
): Omit<ArmsResult, "spent_usd" | "stopped" | "exchanges" | "summary"> {
  return {
    log,
    config,
    seed,
    considered: plan.considered,
    askable: plan.askable,
    not_askable: [...plan.notAskable].map(([reason, count]) => ({ reason, count })),
    sampled: plan.planned.length,
    expected: expectedOf(plan, arms),
    max_usd: maxUsd ?? null,
  };
}

function checkPrices(plan: Plan, mayBeUnknown: boolean): void {
  const unpriced = unpricedOf(plan);
  if (unpriced.length === 0 || mayBeUnknown) return;
  const which = unpriced.slice(0, 5).join(", ") + (unpriced.length > 5 ? ", …" : "");
  throw new Refusal(
    2,
    `nothing was asked: the price of ${which} is not known, so --max-usd could not hold.\n` +
      "Give it one in the config (prices, model_prices or cost_per_1m_tokens), or ask in spite of it with --allow-unpriced.",
  );
}

function exitCodeOf({ stopped, summary, sampled }: ArmsResult): number {
  if (stopped === "interrupted" || sampled === 0) return 1;
  return summary.some(({ asked, ok }) => asked > 0 && ok === 0) ? 1 : 0;
}

async function written(file: string, result: ArmsResult, io: Io): Promise<void> {
  const { armsPage } = await import("./page.ts");
  try {
    await writeFile(file, armsPage(result));
  } catch (error) {
    throw new Refusal(1, `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  io.err(`${file}: written`);
}

/** Ctrl-C ends it with what is there; a second one ends it at once, as usual. */
function interrupts(): AbortSignal {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  return stop.signal;
}

function lookOf({ env, isTerminal }: Io): ArmsLook {
  const isOut = isTerminal?.out === true;
  return { colour: hasColours(env, isOut), columns: isOut ? (process.stdout.columns ?? 80) : WIDTH_ELSEWHERE };
}
