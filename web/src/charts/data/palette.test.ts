import { deepEqual, equal, notEqual } from "node:assert/strict";
import { test } from "node:test";
import { SLOTS, slotsOf, TEXTURES } from "./palette.ts";

test("a name has the same slot whatever else is shown, as long as nobody wants the same", () => {
  const alone = slotsOf(["openai"]).get("openai");
  equal(slotsOf(["openai", "openai"]).get("openai"), alone);
  deepEqual(slotsOf(["a", "b", "c"]), slotsOf(["c", "b", "a"]));
});

test("eight names have eight slots, each with its own texture; further ones begin again", () => {
  const names = Array.from({ length: SLOTS + 1 }, (_, at) => `provider-${at}`);
  equal(new Set(slotsOf(names.slice(0, SLOTS)).values()).size, SLOTS);
  equal(slotsOf(names).size, SLOTS + 1);
  equal(new Set(TEXTURES).size, SLOTS);
});

test("what stands for no name takes none's slot", () => {
  const slots = slotsOf(["(none)", "(other)", "local"]);
  deepEqual([...slots.keys()], ["local"]);
  notEqual(slots.get("local"), undefined);
});
