import type { Loss } from "../../core/loss.ts";
import type { Rule, Target } from "../../routing/rule.ts";
import type { RoutingFacts } from "./routing-facts.ts";

/** What decides in the config of an exchange. */
export interface Deciding {
  /** Of all of it that a decision depends on. */
  readonly digest: string;
  /** Providers left out for want of their key. */
  readonly skipped: ReadonlySet<string>;
}

/** What a decision was made from, by reference: it is written down only when its event is built. */
export interface DecisionInputs {
  readonly deciding: Deciding;
  readonly rules: readonly Rule[];
  readonly facts: RoutingFacts;
  /** Passed by: they were to be left alone. Undefined: none. */
  leftAlone: LeftAlone[] | undefined;
  /** Asked for nothing, or to be told less than the client said. Undefined: none. */
  lossy: LossyTarget[] | undefined;
}

export interface LeftAlone {
  readonly target: Target;
  /** What was left of the time it had asked for; 0: it only failed. */
  readonly holdMs: number;
}

export interface LossyTarget {
  readonly target: Target;
  readonly losses: readonly Loss[];
  readonly refused: readonly Loss[];
}
