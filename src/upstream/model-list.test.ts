import assert from "node:assert/strict";
import { test } from "node:test";
import { testProvider } from "../../test/support/provider.ts";
import { listModels } from "./model-list.ts";
import { Fleet } from "./provider.ts";

const vision = new Set(["vision"]);
const fleet = new Fleet([
  testProvider(
    { name: "a" },
    {
      models: [{ id: "m1", capabilities: vision, ownedBy: "maker" }, { id: "m2" }],
      aliases: { fast: "m1", odd: "gone" },
    },
  ),
  testProvider({ name: "b" }, { models: [{ id: "m2", contextLength: 8 }, { id: "m3" }] }),
]);

test("names of the config first, then what providers report; each once, described by who has it", () => {
  const rewrites = [
    { providers: ["absent"], model: "nowhere" },
    { providers: [], model: "m3" },
    { providers: ["b"], model: "unheard-of" },
    { providers: ["a"], model: "fast" },
  ];
  assert.deepEqual(listModels(fleet, rewrites), [
    { id: "fast", capabilities: vision, ownedBy: "maker" },
    { id: "odd", ownedBy: "a" },
    { id: "m3", ownedBy: "b" },
    { id: "unheard-of", ownedBy: "b" },
    { id: "m1", capabilities: vision, ownedBy: "maker" },
    { id: "m2", ownedBy: "a" },
  ]);
});

test("nothing known, nothing listed", () => {
  assert.deepEqual(listModels(new Fleet([testProvider({ name: "a" })])), []);
});
