import type { Clock } from "../../core/clock.ts";
import type { Resilience } from "../../resilience/resilience.ts";
import type { Exchange } from "../exchange.ts";
import type { Attempt } from "./attempt.ts";

interface MeasureParts {
  resilience: Resilience;
  clock: Clock;
}

/** A stream shows its first content now: how long that took. Whole answers do not tell. */
export function measureFirstToken(exchange: Exchange, attempt: Attempt, { resilience, clock }: MeasureParts): void {
  if (!exchange.stream || attempt.sentMs === undefined) return;
  const { provider, model } = attempt.record;
  const ms = clock.nowMs() - attempt.sentMs;
  resilience.latencies.observe(provider, model, ms);
  resilience.typical.firstToken.observe(provider, model, ms, exchange.incoming.prompt.raw.length);
}

/** It is over by itself: whether it failed, and how long an answer that is no stream took. */
export function measureEnd(exchange: Exchange, attempt: Attempt, { resilience, clock }: MeasureParts): void {
  const { provider, model, outcome } = attempt.record;
  resilience.errors.observe(provider, model, outcome);
  if (exchange.stream || outcome !== "ok" || attempt.sentMs === undefined) return;
  const ms = clock.nowMs() - attempt.sentMs;
  resilience.typical.whole.observe(provider, model, ms, exchange.incoming.prompt.raw.length);
}
