import { deepEqual, equal } from "node:assert/strict";
import type { LookupFunction } from "node:net";
import { test } from "node:test";
import { sharedLookup } from "./shared-lookup.ts";

test("those who ask for a name while it is looked up share the answer; later ones ask anew", () => {
  const asked: { name: string; answer: (address: string) => void }[] = [];
  const lookup: LookupFunction = (name, _options, callback) => {
    asked.push({ name, answer: (address) => callback(null, address, 4) });
  };
  const shared = sharedLookup(lookup);
  const heard: string[] = [];
  const ask = (name: string, all = false) =>
    shared(name, { all }, (_error, address) => heard.push(`${name} ${String(address)}`));
  for (let time = 0; time < 100; time++) ask("a.test");
  ask("b.test");
  ask("a.test", true);
  deepEqual(
    asked.map(({ name }) => name),
    ["a.test", "b.test", "a.test"],
  );
  asked[0]?.answer("1.1.1.1");
  equal(heard.length, 100);
  ask("a.test");
  equal(asked.length, 4);
});

test("an error goes to all of them", () => {
  let fail: (() => void) | undefined;
  const shared = sharedLookup((_name, _options, callback) => {
    fail = () => callback(new Error("ENOTFOUND"), "", 4);
  });
  const errors: unknown[] = [];
  for (let time = 0; time < 3; time++) shared("a.test", {}, (error) => errors.push(error?.message));
  fail?.();
  deepEqual(errors, ["ENOTFOUND", "ENOTFOUND", "ENOTFOUND"]);
});
