import type { Watched } from "../../conversation/prefix-watch.ts";
import { RouterError } from "../../core/errors.ts";
import type { Loss } from "../../core/loss.ts";
import type { Decision } from "../../routing/decision.ts";
import type { Target } from "../../routing/rule.ts";
import type { Prepared } from "./prepare.ts";

/** Where a request goes, and what is sent there. */
export interface Choice<P = Prepared> {
  target: Target;
  prepared: P;
  /** How the prompt goes on from the one before it; only for clients that name their session. */
  watched?: Watched | undefined;
}

/** What of a request cannot be told a target. */
export type Lossy = Pick<Prepared, "losses" | "refused">;

/** Where a request may go, drawn one by one, best first. */
export interface Candidates {
  next(): Target | undefined;
  /** Drawn for nothing: they come next, in this order. */
  putBack(targets: readonly Target[]): void;
  /** By its health alone. */
  isWorse(one: Target, than: Target): boolean;
}

/**
 * Of the candidates the one that is sent to. The first serves nearly always, and then no other is looked at. Where it would
 * lose something, one of the same rank and no worse health that loses nothing is better; where it must refuse, the next one is asked, as if it
 * lacked a capability. What happened is told in the decision. Throws `not_translatable` when all refuse.
 */
export function choose<P extends Lossy>(
  decision: Decision,
  candidates: Candidates,
  prepare: (target: Target) => P,
): Choice<P> {
  const passedOver: Target[] = [];
  const reasons: string[] = [];
  let refused: Choice<Lossy> | undefined;
  let best: Choice<P> | undefined;
  for (let target = candidates.next(); target; target = candidates.next()) {
    if (best && (!isEqual(best.target, target) || candidates.isWorse(target, best.target))) {
      passedOver.push(target);
      break;
    }
    const choice = { target, prepared: prepare(target) };
    const { losses } = choice.prepared;
    if (choice.prepared.refused.length > 0) {
      refused ??= choice;
      reasons.push(`${target.provider.name} cannot express ${fields(choice.prepared.refused)}`);
    } else if (!losses.some(isReported)) {
      if (best) passedOver.unshift(best.target);
      if (best)
        reasons.push(`${best.target.provider.name} would lose ${fields(best.prepared.losses.filter(isReported))}`);
      best = choice;
      break;
    } else if (best) passedOver.push(target);
    else best = choice;
  }
  if (!best) throw notTranslatable(refused);
  candidates.putBack(passedOver);
  retarget(decision, best.target, reasons);
  return best;
}

/** Writes into the decision that its request goes to another target than the rule offered first, and why. */
export function retarget(decision: Decision, target: Target, reasons: readonly string[]): void {
  const first = decision.target;
  if (target === first) return;
  decision.target = target;
  const verdict = decision.verdicts.find(({ outcome }) => outcome === "chosen");
  if (!verdict) return;
  verdict.provider = target.provider.name;
  verdict.model = target.model;
  // Why the first came first is no reason for another.
  const own = verdict.reason === first?.why ? target.why : verdict.reason;
  const why = [own, ...reasons].filter((reason) => reason !== undefined);
  if (why.length > 0) verdict.reason = why.join("; ");
  else delete verdict.reason;
}

function isEqual(one: Target, other: Target): boolean {
  return one.rank !== undefined && one.rank === other.rank;
}

export function isReported(loss: Loss): boolean {
  return loss.class === "report";
}

const MAX_FIELDS = 5;

function fields(losses: readonly Loss[]): string {
  const named = losses.slice(0, MAX_FIELDS).map(({ field }) => field);
  return losses.length > MAX_FIELDS ? `${named.join(", ")} and ${losses.length - MAX_FIELDS} more` : named.join(", ");
}

function notTranslatable(choice: Choice<Lossy> | undefined): RouterError {
  if (!choice) return new RouterError("internal", "a decision without a target was followed");
  const { target, prepared } = choice;
  const named = prepared.refused.map((loss) => `${loss.field} (${loss.treatment})`).join(", ");
  const { name, half } = target.provider;
  const param = prepared.refused[0]?.field;
  if (prepared.refused.some(({ field }) => field === "previous_response_id")) {
    const why = `previous response not found: it is not kept here (any more), and provider '${name}' has none`;
    return new RouterError("previous_response_not_found", why, { param: "previous_response_id" });
  }
  const message = `provider '${name}' (${half.dialect}) cannot express: ${named}`;
  return new RouterError("not_translatable", message, param === undefined ? {} : { param });
}
