import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { OneATurn } from "./one-a-turn.ts";

test("The first piece is done at once, the others one in each turn, in their order", async () => {
  const done: number[] = [];
  const work = new OneATurn();
  for (const piece of [1, 2, 3]) work.run(() => void done.push(piece));
  assert.deepEqual(done, [1]);
  await turn();
  assert.deepEqual(done, [1, 2]);
  await turn();
  assert.deepEqual(done, [1, 2, 3]);
  await turn();
  work.run(() => void done.push(4));
  assert.deepEqual(done, [1, 2, 3, 4]);
});

test("What still waits can be done now; a piece that comes meanwhile too", () => {
  const done: number[] = [];
  const work = new OneATurn();
  work.run(() => void done.push(1));
  work.run(() => {
    done.push(2);
    work.run(() => void done.push(3));
  });
  work.finish();
  assert.deepEqual(done, [1, 2, 3]);
});
