import type { Askable } from "./askable.ts";
import type { Budget } from "./budget.ts";
import { allowances, costWith, type Outlook } from "./outlook.ts";
import type { ArmAnswer } from "./result.ts";

/** An exchange of the sample, and what asking each arm for it comes to. */
export interface Planned {
  readonly askable: Askable;
  readonly outlooks: readonly Outlook[];
}

/** An exchange, and what the arms answered: those that were asked. */
export interface Asked {
  readonly askable: Askable;
  readonly answers: readonly ArmAnswer[];
}

/** Asks one arm, for an answer of at most so many tokens. */
export type AskArm = (outlook: Outlook, askable: Askable, maxOutputTokens: number) => Promise<ArmAnswer>;

/** Exchanges under way at a time; how many requests a provider gets at once its limits say. */
const LANES = 4;

/**
 * Asks all arms for one exchange after the other, as long as the money lasts: before each, what it may cost at most is set aside.
 * `told` hears of each that is over. Resolves to why it stopped early; undefined: all were asked.
 */
export async function runArms(
  planned: readonly Planned[],
  budget: Budget,
  ask: AskArm,
  { signal, told }: { signal: AbortSignal; told: (asked: Asked) => void },
): Promise<"cap" | "interrupted" | undefined> {
  const underway = new Set<Promise<void>>();
  let stopped: "cap" | "interrupted" | undefined;
  for (const one of planned) {
    while (underway.size >= LANES) await Promise.race(underway);
    let allowed = allowances(one.outlooks, budget.leftUsd);
    // What is set aside for others may be more than they take in the end.
    while (!isGenerous(allowed, one) && underway.size > 0) {
      await Promise.race(underway);
      allowed = allowances(one.outlooks, budget.leftUsd);
    }
    if (signal.aborted) stopped = "interrupted";
    else if (!allowed) stopped = "cap";
    if (stopped || !allowed) break;
    const asking = askAll(one, allowed, budget, ask).then((asked) => {
      underway.delete(asking);
      told(asked);
    });
    underway.add(asking);
  }
  await Promise.all(underway);
  return signal.aborted ? "interrupted" : stopped;
}

/** No answer is held shorter than it would be with money enough. */
function isGenerous(allowed: readonly number[] | undefined, { outlooks }: Planned): boolean {
  return allowed?.every((tokens, at) => tokens === outlooks[at]?.most) ?? false;
}

async function askAll(
  { askable, outlooks }: Planned,
  allowed: readonly number[],
  budget: Budget,
  ask: AskArm,
): Promise<Asked> {
  const answers = outlooks.map(async (outlook, at) => {
    const tokens = allowed[at] ?? outlook.expected;
    const hold = budget.hold(costWith(outlook, tokens).usd ?? 0);
    if (!hold) throw new Error("what was allowed is more than what is left");
    const answer = await ask(outlook, askable, tokens);
    hold.settle(answer.cost.usd ?? 0);
    return answer;
  });
  return { askable, answers: await Promise.all(answers) };
}
