import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import type { Io } from "./io.ts";
import { stopOnSignal } from "./stop.ts";

test("the first signal closes and says so; it ends when closed", async () => {
  const signals = new EventEmitter();
  const lines: string[] = [];
  const io: Io = { env: {}, out: () => undefined, err: (line) => lines.push(line) };
  let closed = 0;
  const stopped = stopOnSignal(
    async () => {
      closed++;
    },
    io,
    signals,
  );
  assert.equal(closed, 0);
  signals.emit("SIGTERM", "SIGTERM");
  await stopped;
  assert.equal(closed, 1);
  assert.match(lines.join(), /^SIGTERM: finishing/);
});
