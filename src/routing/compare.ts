import { type Fleet, upstreamModel } from "../upstream/provider.ts";
import { lacks } from "./capability.ts";
import { bestFirst } from "./order.ts";
import type { Affinity, RoutingRequest, Rule, Target, Weighed } from "./rule.ts";

/** How one target does: the higher the score the better; without one it is out, and `note` says why. */
export interface Mark {
  readonly score?: number;
  /** For people: the numbers it comes from. Asked for only when somebody reads it. */
  readonly note: () => string;
  /** The score is from what was measured, so it is not exact. */
  readonly measured?: boolean;
  /** It is out for want of a number alone: to be tried now and then, so that there is one. */
  readonly unknown?: boolean;
}

export interface Comparison<T extends Target> {
  /** Those to choose from. */
  targets(request: RoutingRequest, fleet: Fleet): readonly T[];
  mark(target: T, request: RoutingRequest): Mark;
  /** A conversation goes on where its prompt cache is until another is more than so many times as good. */
  readonly patience: number;
}

/**
 * For rules that go by time, which a prompt cache changes for both sides: who is left was fast because it had one, who is gone
 * to has to read everything first. And speeds change from minute to minute: what goes to and fro never finds a warm cache.
 */
export const TIME_PATIENCE = 2;

/** For rules that go by money. The cache is in the score already, but that is an estimate: prices are exact, tokens are not. */
export const MONEY_PATIENCE = 1.2;

/** The named providers, or all, each with the model to send: `model`, or else what the client named. */
export function providersWith(names: readonly string[] | undefined, model?: string): Comparison<Target>["targets"] {
  return (request, fleet) => {
    const sent = model ?? request.model;
    return fleet.among(names).map((provider) => ({ provider, model: sent }));
  };
}

/** What was measured differs by as much without meaning anything: such targets are equally good. */
const TOLERANCE = 0.2;

/** The part of a rule that takes the best of several targets: what it offers, and how it came to that. */
export function comparing<T extends Target>(comparison: Comparison<T>): Pick<Rule, "candidates" | "weigh"> {
  const { targets, mark, patience } = comparison;
  const compare = (request: RoutingRequest, fleet: Fleet): Marked[] => {
    const all = targets(request, fleet).map((target) => {
      const own = mark(target, request);
      return { target, mark: own, score: own.score };
    });
    level(all, bestOf(all, request));
    return all;
  };
  return {
    weigh: (request, fleet) =>
      compare(request, fleet).map(({ target: { provider, model }, mark: { note }, score }): Weighed => {
        return { provider, model, note: note(), ...(score !== undefined && { score }) };
      }),
    candidates(request, fleet) {
      const all = compare(request, fleet);
      const best = bestOf(all, request);
      const { explore = 0, random, affinity } = request;
      // Where none can do what is needed, they say what they lack.
      if (!best) return ranked(all);
      const home = affinity && all.find((one) => one.score !== undefined && isAt(one.target, affinity));
      if (home) return affinity.sticky === "conversation" ? staying(all, home) : weighing(all, home, best, patience);
      const mayExplore = explore > 0 && !affinity && !request.prefer && all.some(({ mark }) => mark.measured);
      return mayExplore && random() < explore ? exploring(all, best, request) : ranked(all);
    },
  };
}

interface Marked {
  readonly target: Target;
  readonly mark: Mark;
  /** Undefined: it is out. */
  score: number | undefined;
}

/** Of those that can do what the request needs; the others are looked at only where they are better. */
function bestOf(all: readonly Marked[], request: RoutingRequest): Marked | undefined {
  for (const one of bestFirst(all, scoreOf)) if (lacks(one.target, request) === undefined) return one;
  return undefined;
}

/** Scores that measuring cannot tell from the best one become the best one, so that chance does not make requests move. */
function level(all: readonly Marked[], best: Marked | undefined): void {
  const top = best?.score;
  if (top === undefined) return;
  for (const one of all) {
    if (one.score === undefined || !(one.mark.measured || best?.mark.measured)) continue;
    if (Math.abs(one.score - top) <= TOLERANCE * Math.abs(top)) one.score = top;
  }
}

/** Those that are not out, each with its score as rank. */
function* ranked(all: readonly Marked[]): Generator<Target> {
  for (const { target, score = 0 } of bestFirst(all, scoreOf)) {
    yield { provider: target.provider, model: target.model, rank: score };
  }
}

/** Where the conversation was answered before comes first. */
function* staying(all: readonly Marked[], home: Marked): Generator<Target> {
  for (const target of ranked([home])) yield { ...target, why: "stays: its conversation was answered there" };
  yield* ranked(all.filter((one) => one !== home));
}

/** It does so unless the best is so much better that the conversation moves. */
function* weighing(all: readonly Marked[], home: Marked, best: Marked, patience: number): Generator<Target> {
  if (!isBetter(best.score ?? 0, home.score ?? 0, patience)) return yield* staying(all, home);
  const { name } = home.target.provider;
  const why = `leaves ${name}, where its conversation was answered: ${best.target.provider.name} is more than ${patience} times as good`;
  for (const target of ranked([best])) yield { ...target, why };
  yield* ranked(all.filter((one) => one !== best));
}

/** Scores are what one gains, or, below 0, what one pays. */
function isBetter(one: number, than: number, times: number): boolean {
  return one < 0 ? one * times > than : one > than * times;
}

function isAt({ provider, model }: Target, affinity: Affinity): boolean {
  return provider.name === affinity.provider && upstreamModel(provider, model) === affinity.model;
}

/** One that is not the best comes first: what was measured of it grows old, or nothing was. */
function* exploring(all: readonly Marked[], best: Marked, request: RoutingRequest): Generator<Target> {
  const others = all.filter(
    (one) => one !== best && (one.score !== undefined || one.mark.unknown) && lacks(one.target, request) === undefined,
  );
  const chosen = others[Math.floor(request.random() * others.length)];
  if (chosen) yield { provider: chosen.target.provider, model: chosen.target.model, why: "to see how it does" };
  yield* ranked(all.filter((one) => one !== chosen));
}

function scoreOf({ score }: Marked): number | undefined {
  return score;
}
