import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { BoundedMap } from "./bounded-map.ts";

test("the oldest go, those that are needed last, and there are never more than allowed", () => {
  const map = new BoundedMap<{ isNeeded: boolean }>(10, ({ isNeeded }) => isNeeded);
  for (let at = 0; at < 10; at++) map.set(`${at}`, { isNeeded: at % 2 === 0 });
  map.set("9", { isNeeded: false });
  equal(map.size, 10);
  map.set("a", { isNeeded: true });
  deepEqual([map.size, map.get("0")?.isNeeded, map.get("1")], [10, true, undefined]);
  for (let at = 0; at < 1_000; at++) {
    map.set(`more ${at}`, { isNeeded: true });
    ok(map.size <= 10);
  }
  equal([...map.entries()].at(-1)?.[0], "more 999");
});
