import { equal } from "node:assert/strict";
import { test } from "node:test";
import { LiveStore } from "./live-store.ts";

/** What the store asks of a browser. */
function page(t: { after: (done: () => void) => void; mock: typeof import("node:test").mock }): void {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  // A page that is hidden right now gets no frame any more.
  const fakes = { document: { hidden: false }, requestAnimationFrame: () => 0 };
  for (const [name, value] of Object.entries(fakes))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  t.after(() => {
    for (const name of Object.keys(fakes)) Reflect.deleteProperty(globalThis, name);
  });
}

test("events that wait for a frame of a page that was hidden meanwhile are taken all the same", (t) => {
  page(t);
  const store = new LiveStore();
  for (const id of ["a", "b"]) store.take({ type: "classified", id, ts_ms: 1, tags: [] });
  equal(store.view().flying.length, 0);
  t.mock.timers.tick(1_000);
  equal(store.view().flying.length, 2);
  store.take({ type: "classified", id: "c", ts_ms: 1, tags: [] });
  t.mock.timers.tick(1_000);
  equal(store.view().flying.length, 3);
});
