import type { Random } from "../core/clock.ts";
import { type Fleet, upstreamModel } from "../upstream/provider.ts";
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
  /**
   * A conversation goes on where its prompt cache is until another is more than so many times as good; omitted: until another
   * is better, its score being one that counts the cache.
   */
  readonly patience?: number;
}

/**
 * For rules that go by time, which a prompt cache changes for both sides: who is left was fast because it had one, who is gone
 * to has to read everything first. And speeds change from minute to minute: what goes to and fro never finds a warm cache.
 */
export const PATIENCE = 2;

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
  const { targets, mark, patience = 1 } = comparison;
  const marked = (request: RoutingRequest, fleet: Fleet): Marked[] =>
    levelled(
      targets(request, fleet).map((target) => {
        const { provider, model } = target;
        return { provider, model, ...mark(target, request) };
      }),
    );
  return {
    weigh: (request, fleet) => marked(request, fleet).map((one): Weighed => ({ ...one, note: one.note() })),
    candidates(request, fleet) {
      const all = marked(request, fleet);
      const { explore = 0, random, affinity } = request;
      const home = affinity && all.find((one) => isIn(one) && isAt(one, affinity));
      if (home) return affinity.sticky === "conversation" ? staying(all, home) : weighing(all, home, patience);
      const explores = explore > 0 && !affinity && all.some(({ measured }) => measured) && random() < explore;
      return explores ? exploring(all, random) : ranked(all);
    },
  };
}

type Marked = Target & Mark;

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

/** Where the conversation was answered before comes first. */
function* staying(all: readonly Marked[], home: Marked): Generator<Target> {
  for (const target of ranked([home])) yield { ...target, why: "stays: its conversation was answered there" };
  yield* ranked(all.filter((one) => one !== home));
}

/** It does so unless the best is so much better that the conversation moves. */
function* weighing(all: readonly Marked[], home: Marked, patience: number): Generator<Target> {
  const [best = home] = bestFirst(all.filter(isIn), scoreOf);
  if (!isBetter(scoreOf(best), scoreOf(home), patience)) return yield* staying(all, home);
  const how = patience === 1 ? "better, its cold prompt cache counted" : `more than ${patience} times as good`;
  const why = `leaves ${home.provider.name}, where its conversation was answered: ${best.provider.name} is ${how}`;
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
function* exploring(weighed: readonly Marked[], random: Random): Generator<Target> {
  const [best] = ranked(weighed);
  const others = weighed.filter((one) => (isIn(one) || one.unknown) && !isSame(one, best));
  const chosen = others[Math.floor(random() * others.length)];
  if (chosen) yield { provider: chosen.provider, model: chosen.model, why: "to see how it does" };
  yield* ranked(weighed.filter((one) => one !== chosen));
}

function isSame(one: Target, other: Target | undefined): boolean {
  return one.provider === other?.provider && one.model === other.model;
}

function isIn({ score }: Marked): boolean {
  return score !== undefined;
}

function scoreOf({ score = Number.NEGATIVE_INFINITY }: Marked): number {
  return score;
}
