import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { systemClock } from "../core/clock.ts";
import { BoundedMemory } from "./memory.ts";

function memory(limits: Partial<{ maxBytes: number; maxEntries: number; ttlMs: number }>) {
  const time = { ms: 0 };
  const clock = { ...systemClock, nowMs: () => time.ms };
  const made = new BoundedMemory<string>({ maxBytes: 1e9, maxEntries: 1e9, ttlMs: 1e9, ...limits }, clock);
  return { made, time };
}

test("what was not used for longest goes first, by count and by bytes", () => {
  for (const limits of [{ maxEntries: 2 }, { maxBytes: 1000 }]) {
    const { made } = memory(limits);
    made.set("a", "A", 100);
    made.set("b", "B", 100);
    equal(made.get("a"), "A");
    made.set("c", "C", 100);
    deepEqual(
      ["a", "b", "c"].map((key) => made.get(key)),
      ["A", undefined, "C"],
    );
  }
});

test("what nobody used for long is over; using it keeps it", () => {
  const { made, time } = memory({ ttlMs: 100 });
  made.set("kept", "K", 1);
  made.set("left", "L", 1);
  time.ms = 80;
  equal(made.get("kept"), "K");
  time.ms = 150;
  equal(made.get("left"), undefined);
  equal(made.size, 1);
  equal(made.get("kept"), "K");
  time.ms = 251;
  equal(made.get("kept"), undefined);
  deepEqual([made.size, made.bytes], [0, 0]);
});

test("what is only looked at is not used, and what is over is not found", () => {
  const { made, time } = memory({ ttlMs: 100 });
  made.set("a", "A", 1);
  const look = () => made.quietly(() => made.get("a"));
  time.ms = 80;
  equal(look(), "A");
  time.ms = 101;
  deepEqual([look(), made.size], [undefined, 1]);
  equal(made.get("a"), undefined);
});

test("putting in drops what is over, without anybody looking for it", () => {
  const { made, time } = memory({ ttlMs: 100 });
  for (let at = 0; at < 10; at++) made.set(`${at}`, "x", 1);
  time.ms = 200;
  made.set("new", "x", 1);
  equal(made.size, 1);
});

test("what is larger than the whole memory is not kept, and pushes nobody out", () => {
  const { made } = memory({ maxBytes: 1000 });
  made.set("a", "A", 100);
  made.set("huge", "H", 1000);
  deepEqual([made.get("a"), made.get("huge")], ["A", undefined]);
  const off = memory({ maxBytes: 0 }).made;
  off.set("a", "A", 0);
  equal(off.size, 0);
});

test("whatever is done, the limits hold and the bytes add up", () => {
  const step = fc.record({ key: fc.constantFrom(..."abcdef"), bytes: fc.nat(900), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const { made, time } = memory({ maxBytes: 2500, maxEntries: 4, ttlMs: 5 });
      for (const { key, bytes, remove } of steps) {
        time.ms++;
        if (remove) made.delete(key);
        else made.set(key, key, bytes);
        ok(made.bytes <= 2500 && made.size <= 4);
        ok(made.bytes >= made.size * 300);
      }
      for (const key of "abcdef") made.delete(key);
      equal(made.bytes, 0);
    }),
  );
});

test("other limits hold at once, and take only what they have no room for", () => {
  const { made } = memory({});
  for (const key of ["a", "b", "c"]) made.set(key, key, 100);
  made.limit({ maxBytes: 1e9, maxEntries: 2, ttlMs: 1e9 });
  deepEqual([made.size, made.get("a"), made.get("b"), made.get("c")], [2, undefined, "b", "c"]);
});
