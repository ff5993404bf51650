import { withoutState } from "../../conversation/state.ts";
import { type Failure, refusesState } from "../../core/failure.ts";
import type { Loss } from "../../core/loss.ts";
import type { Warning } from "../../record/events.ts";
import type { Exchange } from "../exchange.ts";
import type { Choice } from "./choose.ts";
import { type PrepareOptions, prepare } from "./prepare.ts";

const STRIPPED: Loss = { field: "messages[*].reasoning", treatment: "stripped", class: "report" };

/**
 * What to send to the same target when it refused the reasoning state in a request: the request without any. It is translated
 * then, even to the client's own API, since the API may want other settings with it (thinking off, a sentinel in place of a
 * signature). What was remembered for its calls is forgotten. Undefined when that would not help, or loses what it may not.
 */
export function stripped(
  exchange: Exchange,
  { target, prepared }: Choice,
  failure: Failure,
  options: PrepareOptions,
): Choice | undefined {
  if (options.strict || !prepared.hasState || !refusesState(failure)) return undefined;
  options.reasoning.forget(exchange, exchange.request);
  exchange.changeRequest(withoutState(exchange.request));
  const again = prepare(exchange, target, options);
  if (again.refused.length > 0) return undefined;
  again.losses.push(STRIPPED);
  return { target, prepared: { ...again, hasState: false } };
}

export function stripWarning({ target, prepared }: Choice, failure: Failure): Warning {
  return {
    warning: "reasoning_stripped",
    message: `${target.provider.name} refused reasoning state of the conversation: asked again without any`,
    details: { provider: target.provider.name, model: prepared.sentModel, said: failure.message },
  };
}
