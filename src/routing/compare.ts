import type { Fleet, Provider } from "../upstream/provider.ts";
import { bestFirst } from "./order.ts";
import type { RoutingRequest, Rule, Target, Weighed } from "./rule.ts";

/** How one provider does: the higher the score the better; without one it is out, and `note` says why. */
export interface Mark {
  readonly score?: number;
  /** For people: the numbers it comes from. */
  readonly note: string;
}

export interface Comparison {
  /** Those to choose from; none: all. */
  readonly names: readonly string[] | undefined;
  /** The model to send, instead of the one the client named. */
  readonly model?: string | undefined;
  mark(provider: Provider, model: string, request: RoutingRequest): Mark;
}

/** The part of a rule that takes the best of several providers: what it offers, and how it came to that. */
export function comparing({ names, model: own, mark }: Comparison): Pick<Rule, "candidates" | "weigh"> {
  const weigh = (request: RoutingRequest, fleet: Fleet): Weighed[] => {
    const model = own ?? request.model;
    return fleet.among(names).map((provider) => ({ provider, model, ...mark(provider, model, request) }));
  };
  return { weigh, candidates: (request, fleet) => ranked(weigh(request, fleet)) };
}

/** Those that are not out, each with its score as rank. */
function* ranked(weighed: readonly Weighed[]): Generator<Target> {
  const left = weighed.filter(({ score }) => score !== undefined);
  for (const { provider, model, score = 0 } of bestFirst(left, (one) => one.score ?? 0)) {
    yield { provider, model, rank: score };
  }
}
