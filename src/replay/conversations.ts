import { AffinityMemory, type LastAnswer } from "../conversation/affinity.ts";
import { BoundedMemory } from "../conversation/memory.ts";
import type { Remembered } from "../conversation/remembered.ts";
import type { Usage } from "../core/usage.ts";
import { samePlace } from "./effect.ts";
import type { Place } from "./redecide/recorded-facts.ts";

/** The oldest are forgotten: a log of gigabytes has millions. */
const MAX_CONVERSATIONS = 100_000;

/** Where a conversation was answered last. */
export interface Before {
  /** In the log. */
  was: Place | undefined;
  /** In the world of the other config, and what is to be expected of its next turn there. */
  now: LastAnswer | undefined;
}

/** Prompt tokens that come from a cache, and such as are written to one. */
export interface CacheUse {
  read: number;
  written: number;
}

/** One turn, as it went and as it would go. */
export interface TurnEffect {
  switchedWas: boolean;
  switchedNow: boolean;
  cache: CacheUse;
}

/** `was`, `now`: where a turn is answered; undefined: nowhere, and the conversation stays where it was. */
export interface Turn {
  conversation: string | undefined;
  was: Place | undefined;
  now: Place | undefined;
  /** As in the log. */
  usage: Usage | undefined;
  wallMs: number;
}

/**
 * Where conversations were, turn by turn, in the log and in the world of another config. A turn that stays where the one before
 * was finds in the cache what was observed, or what the router itself would expect to be there; one that goes elsewhere finds
 * nothing, and has to write anew what it would have read.
 */
export class ConversationWorlds {
  readonly #was = new Map<string, Place>();
  readonly #now: AffinityMemory;
  /** When the log was written: caches grow cold by that. */
  #wallMs = 0;
  count = 0;

  constructor() {
    const clock = { wallMs: () => this.#wallMs, nowMs: () => this.#wallMs, after: () => ({ cancel: () => undefined }) };
    const limits = {
      maxBytes: Number.POSITIVE_INFINITY,
      maxEntries: MAX_CONVERSATIONS,
      ttlMs: Number.POSITIVE_INFINITY,
    };
    this.#now = new AffinityMemory(new BoundedMemory<Remembered>(limits, clock));
  }

  /** Undefined: it begins, or is not known. */
  before(conversation: string | undefined, wallMs: number): Before | undefined {
    if (conversation === undefined) return undefined;
    const [was, now] = [this.#was.get(conversation), this.#now.of(conversation, wallMs)];
    return was || now ? { was, now } : undefined;
  }

  turn({ conversation, was, now, usage, wallMs }: Turn): TurnEffect {
    const observed = { read: usage?.cachedRead ?? 0, written: usage?.cacheWrite ?? 0 };
    if (conversation === undefined) return { switchedWas: false, switchedNow: false, cache: observed };
    this.#wallMs = wallMs;
    const before = this.before(conversation, wallMs);
    if (before === undefined) this.count++;
    const switchedWas = isElsewhere(before?.was, was);
    const switchedNow = isElsewhere(before?.now, now);
    const expected = Math.min(usage?.input ?? 0, before?.now?.cachedTokens ?? 0);
    const isAlike = samePlace(was, now) && samePlace(before?.was, before?.now);
    const isWarm = !switchedWas && (observed.read > 0 || samePlace(was, now) || before === undefined);
    const cold = switchedNow ? coldAfter(observed) : expectedUse(observed, expected);
    const cache = isAlike || (isWarm && !switchedNow) ? observed : cold;
    // As the router has it: who gave no answer has nothing of it in a cache.
    if (was && usage) this.#remember(conversation, was);
    if (now && usage) {
      const { read: cachedRead, written: cacheWrite } = cache;
      this.#now.remember(conversation, now, { ...usage, cachedRead, cacheWrite }, wallMs);
    }
    return { switchedWas, switchedNow, cache };
  }

  #remember(conversation: string, was: Place): void {
    this.#was.delete(conversation);
    this.#was.set(conversation, was);
    if (this.#was.size <= MAX_CONVERSATIONS) return;
    const [oldest] = this.#was.keys();
    if (oldest !== undefined) this.#was.delete(oldest);
  }
}

function isElsewhere(before: Place | undefined, place: Place | undefined): boolean {
  return before !== undefined && place !== undefined && !samePlace(before, place);
}

function coldAfter({ read, written }: CacheUse): CacheUse {
  return { read: 0, written: read + written };
}

function expectedUse({ read, written }: CacheUse, expected: number): CacheUse {
  return { read: expected, written: Math.max(0, read + written - expected) };
}
