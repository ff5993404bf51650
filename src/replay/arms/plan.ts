import { sumOf } from "../../cost/cost.ts";
import type { Pricing } from "../../cost/pricing.ts";
import { type Askable, askable, type LoggedExchange, type NotAskable } from "./askable.ts";
import { type Arm, costWith, type Outlook, outlookOf } from "./outlook.ts";
import type { ArmsResult } from "./result.ts";
import type { Planned } from "./run-arms.ts";
import { Sample } from "./sample.ts";

export interface PlanOptions {
  readonly arms: readonly Arm[];
  /** How many exchanges. */
  readonly sample: number;
  readonly seed: number;
  readonly pricing: Pricing;
  /** For prices. */
  readonly wallMs: number;
}

/** What would be asked. */
export interface Plan {
  readonly considered: number;
  readonly askable: number;
  readonly notAskable: ReadonlyMap<NotAskable, number>;
  readonly planned: readonly Planned[];
}

/** Draws the sample, by tags, from all exchanges that can be asked again. */
export async function planArms(exchanges: AsyncIterable<LoggedExchange>, options: PlanOptions): Promise<Plan> {
  const { arms, seed, pricing, wallMs } = options;
  const sample = new Sample<Askable>(options.sample, seed);
  const notAskable = new Map<NotAskable, number>();
  let considered = 0;
  let found = 0;
  for await (const exchange of exchanges) {
    considered++;
    const read = askable(exchange);
    if (typeof read === "string") {
      notAskable.set(read, (notAskable.get(read) ?? 0) + 1);
      continue;
    }
    found++;
    sample.add(read, read.row.id, read.row.tags.toSorted().join(", "));
  }
  const planned = sample
    .items()
    .map((one) => ({ askable: one, outlooks: arms.map((arm) => outlookOf(arm, one, pricing, wallMs)) }));
  return { considered, askable: found, notAskable, planned };
}

/** Providers and models that would be asked, and whose price nobody knows: `claude/claude-opus-5`. */
export function unpricedOf({ planned }: Plan): string[] {
  const unpriced = planned.flatMap(({ outlooks }) => outlooks.filter(({ isUnpriced }) => isUnpriced));
  return [...new Set(unpriced.map(({ arm, sentModel }) => `${arm.provider.name}/${sentModel}`))];
}

/** What asking each arm comes to, if its answers are as long as those of the log. */
export function expectedOf({ planned }: Plan, arms: readonly Arm[]): ArmsResult["expected"] {
  return arms.map((arm, at) => {
    const own = planned.flatMap(({ outlooks }) => outlooks[at] ?? []);
    return {
      arm: arm.name,
      cost: sumOf(own.map((one) => costWith(one, one.expected))),
      input_tokens: totalOf(own, ({ input }) => input),
      output_tokens: totalOf(own, ({ expected }) => expected),
    };
  });
}

function totalOf(outlooks: readonly Outlook[], tokens: (one: Outlook) => number): number {
  return outlooks.reduce((sum, one) => sum + tokens(one), 0);
}
