import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { takeKey } from "./key.ts";

test("the key is taken out of the address, and kept for the tab", (t) => {
  const kept = new Map<string, string>();
  const shown: string[] = [];
  const fakes = {
    location: { href: "" },
    history: { state: null, replaceState: (_state: unknown, _title: string, url: URL) => void shown.push(url.href) },
    sessionStorage: {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => void kept.set(name, value),
    },
  };
  for (const [name, value] of Object.entries(fakes))
    Object.defineProperty(globalThis, name, { value, configurable: true });
  t.after(() => {
    for (const name of Object.keys(fakes)) Reflect.deleteProperty(globalThis, name);
  });
  const keys = [
    "http://r.test/dashboard?api_key=one#/live",
    "http://r.test/dashboard?api_key=two&x=1",
    "http://r.test/dashboard",
  ];
  const taken = keys.map((href) => {
    fakes.location.href = href;
    return takeKey();
  });
  deepEqual(taken, ["one", "two", "two"]);
  deepEqual(shown, ["http://r.test/dashboard#/live", "http://r.test/dashboard?x=1"]);
});
