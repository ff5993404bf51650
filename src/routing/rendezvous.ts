import { hash } from "node:crypto";
import type { Random } from "../core/clock.ts";
import { seededRandom } from "../core/seeded-random.ts";
import { bestFirst } from "./order.ts";
import type { Target } from "./rule.ts";

/** One of those that share requests. */
export interface Share {
  readonly target: Target;
  readonly weight: number;
  /** Stands for it in draws: `wordOf` its name. */
  readonly word: number;
}

/**
 * All of them, in the order drawn. By weighted rendezvous hashing (the highest weight / -ln u wins, u drawn from conversation and
 * target): a conversation stays where it is, and when a share changes, only as many move as have to. Without a conversation
 * each request is drawn for anew.
 */
export function rendezvous(shares: readonly Share[], conversation: string | undefined, random: Random): Target[] {
  const seed = conversation === undefined ? undefined : wordOf(conversation);
  const drawn = shares.map(({ target, weight, word }) => {
    const draw = seed === undefined ? random() : seededRandom(seed ^ word)();
    return { target, score: weight / -Math.log(draw) };
  });
  return [...bestFirst(drawn, ({ score }) => score)].map(({ target }) => target);
}

/** 32 bits that stand for a text. */
export function wordOf(text: string): number {
  return hash("sha256", text, "buffer").readInt32BE(0);
}
