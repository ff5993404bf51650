import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { reportedUsage } from "../core/usage.ts";
import { ConversationWorlds, type Turn } from "./conversations.ts";
import type { Place } from "./redecide/recorded-facts.ts";

const A = { provider: "a", model: "m" };
const B = { provider: "b", model: "m" };

/** A turn of 10,000 tokens, a minute after the one before. */
function turn(at: number, was: Place | undefined, now: Place | undefined, cached = at === 0 ? 0 : 9_000): Turn {
  const usage = reportedUsage({ input: 10_000, cachedRead: cached, output: 100 });
  return { conversation: "c", was, now, usage, wallMs: at * 60_000 };
}

function readBy(turns: readonly Turn[]): number[] {
  const worlds = new ConversationWorlds();
  return turns.map((one) => worlds.turn(one).cache.read);
}

test("a conversation that stays finds what was observed", () => {
  deepEqual(readBy([turn(0, A, A), turn(1, A, A), turn(2, A, A, 0), turn(3, A, A)]), [0, 9_000, 0, 9_000]);
});

test("one that lives elsewhere altogether has a cache there too; one that goes to and fro has none", () => {
  deepEqual(readBy([turn(0, A, B), turn(1, A, B), turn(2, A, B)]), [0, 9_000, 9_000]);
  deepEqual(readBy([turn(0, A, A), turn(1, A, B), turn(2, A, A), turn(3, A, A)]), [0, 0, 0, 9_000]);
});

test("what a cold turn would have read it has to write; one that no longer switches finds what is to be expected", () => {
  const worlds = new ConversationWorlds();
  worlds.turn(turn(0, A, A));
  deepEqual(worlds.turn(turn(1, A, B)).cache, { read: 0, written: 9_000 });
  const back = new ConversationWorlds();
  back.turn(turn(0, A, A));
  back.turn(turn(1, A, A));
  const { cache, switchedWas, switchedNow } = back.turn(turn(2, B, A, 0));
  deepEqual([switchedWas, switchedNow], [true, false]);
  ok(cache.read > 5_000 && cache.read <= 10_000, String(cache.read));
});

test("a cache that nobody used for long is cold", () => {
  const late = { ...turn(2, B, A, 0), wallMs: 60 * 60_000 };
  equal(readBy([turn(0, A, A), turn(1, A, A), late])[2], 0);
});

test("in the same world all is as it was, whatever that was", () => {
  const place = fc.constantFrom(A, B, undefined);
  const one = fc.record({ was: place, cached: fc.nat(10_000), conversation: fc.constantFrom("c", "d", undefined) });
  fc.assert(
    fc.property(fc.array(one), (turns) => {
      const worlds = new ConversationWorlds();
      for (const [at, { was, cached, conversation }] of turns.entries()) {
        const effect = worlds.turn({ ...turn(at, was, was, cached), conversation });
        equal(effect.switchedWas, effect.switchedNow);
        deepEqual(effect.cache, { read: cached, written: 0 });
      }
    }),
  );
});
