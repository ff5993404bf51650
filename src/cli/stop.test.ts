import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import { stopOnSignal } from "./stop.ts";

function setUp(close: () => Promise<void>, flush: () => Promise<void>) {
  const signals = new EventEmitter();
  const lines: string[] = [];
  const tell = (line: string) => void lines.push(line);
  const died = new EventEmitter();
  const stopped = stopOnSignal({ close, flush, signals, tell, die: (signal) => died.emit("died", signal) });
  return { signals, lines, died, stopped };
}

test("the first signal closes and says so; it ends when closed", async () => {
  let closed = 0;
  const { signals, lines, stopped } = setUp(
    async () => {
      closed++;
    },
    async () => undefined,
  );
  assert.equal(closed, 0);
  signals.emit("SIGTERM", "SIGTERM");
  await stopped;
  assert.equal(closed, 1);
  assert.match(lines.join(), /^SIGTERM: finishing/);
});

test("the second signal writes out the log and ends the process, though closing or the log hangs", async () => {
  const never = () => new Promise<void>(() => undefined);
  for (const flush of [async () => undefined, never, () => Promise.reject(new Error("disk"))]) {
    const { signals, died } = setUp(never, flush);
    signals.emit("SIGINT", "SIGINT");
    const dead = once(died, "died", { signal: AbortSignal.timeout(5_000) });
    signals.emit("SIGTERM", "SIGTERM");
    assert.deepEqual(await dead, ["SIGTERM"]);
  }
});
