import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Sample } from "./sample.ts";

interface Item {
  id: string;
  group: string;
}

function drawn(items: readonly Item[], size: number, seed: number): Item[] {
  const sample = new Sample<Item>(size, seed);
  for (const item of items) sample.add(item, item.id, item.group);
  return sample.items();
}

const items = fc.uniqueArray(fc.record({ id: fc.uuid(), group: fc.constantFrom("a", "b", "c", "d") }), {
  maxLength: 60,
  selector: ({ id }) => id,
});
const counted = (list: readonly Item[]) => Map.groupBy(list, ({ group }) => group);

test("law: as many as wanted, none twice; each group has one, or as many as its share less one at least", () => {
  fc.assert(
    fc.property(items, fc.nat(20), fc.integer(), (all, size, seed) => {
      const sample = drawn(all, size, seed);
      equal(sample.length, Math.min(size, all.length));
      equal(new Set(sample).size, sample.length);
      const groups = counted(sample);
      if (size < 4) return;
      for (const [name, members] of counted(all)) {
        const taken = groups.get(name)?.length ?? 0;
        ok(taken >= Math.max(1, Math.floor((sample.length * members.length) / all.length) - 2));
      }
    }),
  );
});

test("law: the same log and seed give the same sample, in whatever order it is read", () => {
  fc.assert(
    fc.property(items, fc.integer(), (all, seed) => {
      const sample = drawn(all, 8, seed);
      deepEqual(drawn(all, 8, seed), sample);
      deepEqual(drawn(all.toReversed(), 8, seed), sample);
    }),
  );
});

test("another seed draws others; one of each group comes before a second of any", () => {
  const all = Array.from({ length: 100 }, (_, at) => ({ id: `exchange-${at}`, group: at < 95 ? "common" : "rare" }));
  const [one, other] = [drawn(all, 10, 1), drawn(all, 10, 2)];
  ok(one.some((item) => !other.includes(item)));
  deepEqual(
    one.slice(0, 2).map(({ group }) => group),
    ["common", "rare"],
  );
  equal(one.filter(({ group }) => group === "rare").length, 1);
  // Each is as likely as any: over many seeds none is left out.
  const seen = new Set(Array.from({ length: 200 }, (_, seed) => drawn(all, 10, seed)).flat());
  equal(seen.size, 100);
});
