import type { Target } from "./rule.ts";

/** What one rule said to a request. */
export interface Verdict {
  /** Its place in the chain, from 0. */
  rule: number;
  label: string;
  outcome: "chosen" | "passed" | "incapable" | "not-asked";
  /** Provider and model it offered first, when it offered any. */
  provider?: string;
  model?: string;
  /** Why it did not serve, where that is known: `no vision`. */
  reason?: string;
}

/** Why a request goes where it goes. */
export interface Decision {
  target: Target | undefined;
  /** Set by a plugin: the chain was not asked. */
  forced: boolean;
  verdicts: Verdict[];
  /** The place of the rule that decided. */
  rule?: number;
  /** Where failover may go: what the chosen rule has besides the target, drawn only when asked for. Use `Chain.walk`. */
  rest?: Iterator<Target>;
}
