import type { Random } from "../core/clock.ts";
import type { Fleet, Provider } from "../upstream/provider.ts";
import { bestFirst } from "./order.ts";
import type { RoutingRequest, Rule, Target, Weighed } from "./rule.ts";

/** How one provider does: the higher the score the better; without one it is out, and `note` says why. */
export interface Mark {
  readonly score?: number;
  /** For people: the numbers it comes from. */
  readonly note: string;
  /** The score is from what was measured, so it is not exact. */
  readonly measured?: boolean;
  /** It is out for want of a number alone: to be tried now and then, so that there is one. */
  readonly unknown?: boolean;
}

export interface Comparison {
  /** Those to choose from; none: all. */
  readonly names: readonly string[] | undefined;
  /** The model to send, instead of the one the client named. */
  readonly model?: string | undefined;
  mark(provider: Provider, model: string, request: RoutingRequest): Mark;
}

/** What was measured differs by as much without meaning anything: such targets are equally good. */
const TOLERANCE = 0.2;

/** The part of a rule that takes the best of several providers: what it offers, and how it came to that. */
export function comparing({ names, model: own, mark }: Comparison): Pick<Rule, "candidates" | "weigh"> {
  const weigh = (request: RoutingRequest, fleet: Fleet): Marked[] => {
    const model = own ?? request.model;
    return levelled(fleet.among(names).map((provider) => ({ provider, model, ...mark(provider, model, request) })));
  };
  return {
    weigh,
    candidates(request, fleet) {
      const weighed = weigh(request, fleet);
      const { explore = 0, random } = request;
      const explores = explore > 0 && weighed.some(({ measured }) => measured) && random() < explore;
      return explores ? exploring(weighed, random) : ranked(weighed);
    },
  };
}

type Marked = Weighed & Mark;

/** Scores that measuring cannot tell from the best one become the best one, so that chance does not make requests move. */
function levelled(weighed: readonly Marked[]): Marked[] {
  const best = bestFirst(weighed.filter(isIn), scoreOf).next().value;
  if (best === undefined) return [...weighed];
  const top = scoreOf(best);
  const isLevel = (one: Marked) =>
    isIn(one) && (one.measured || best.measured) && Math.abs(scoreOf(one) - top) <= TOLERANCE * Math.abs(top);
  return weighed.map((one) => (isLevel(one) ? { ...one, score: top } : one));
}

/** Those that are not out, each with its score as rank. */
function* ranked(weighed: readonly Marked[]): Generator<Target> {
  for (const { provider, model, score = 0 } of bestFirst(weighed.filter(isIn), scoreOf)) {
    yield { provider, model, rank: score };
  }
}

/** One that is not the best comes first: what was measured of it grows old, or nothing was. */
function* exploring(weighed: readonly Marked[], random: Random): Generator<Target> {
  const [best] = ranked(weighed);
  const others = weighed.filter((one) => (isIn(one) || one.unknown) && one.provider !== best?.provider);
  const chosen = others[Math.floor(random() * others.length)];
  if (chosen) yield { provider: chosen.provider, model: chosen.model, why: "to see how it does" };
  yield* ranked(weighed.filter((one) => one !== chosen));
}

function isIn({ score }: Marked): boolean {
  return score !== undefined;
}

function scoreOf({ score = Number.NEGATIVE_INFINITY }: Marked): number {
  return score;
}
