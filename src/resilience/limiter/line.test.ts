import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { Line } from "./line.ts";
import type { Slot } from "./slot.ts";

interface Caller {
  model: string | undefined;
  askedMs: number;
  cancel: () => void;
  slot: Slot | undefined;
  isWaiting: boolean;
  heard: number;
}

const MODELS = [undefined, "m", "n"];

/** A line under random use, next to a list of who should be where. */
class Play {
  readonly clock = new FakeClock();
  readonly line = new Line(this.clock);
  readonly limits: { max_concurrency: number; max_queue: number; max_queue_ms: number; requests_per_minute?: number };
  waiting: Caller[] = [];
  held: Caller[] = [];
  /** When requests went, for the rate. */
  went: number[] = [];

  constructor(limits: Play["limits"]) {
    this.limits = limits;
  }

  ask(model: string | undefined): void {
    const caller: Caller = {
      model,
      askedMs: this.clock.nowMs(),
      cancel: () => undefined,
      slot: undefined,
      isWaiting: true,
      heard: 0,
    };
    this.waiting.push(caller);
    const { cancel } = this.line.ask(this.limits, model, {
      granted: (slot) => {
        this.#heard(caller);
        // Of one model, who asked first goes first; but where no more may wait for a model to load, they just go.
        const isFull = this.waiting.length >= this.limits.max_queue;
        ok(isFull || !this.waiting.some((other) => other.model === model && other.askedMs < caller.askedMs));
        caller.slot = slot;
        this.held.push(caller);
        this.went.push(this.clock.nowMs());
        ok(this.held.length <= this.limits.max_concurrency);
      },
      refused: ({ kind, retryAfter = 0 }) => {
        this.#heard(caller);
        equal(kind, "busy");
        ok(Number.isInteger(retryAfter) && retryAfter >= 1);
      },
    });
    caller.cancel = cancel;
  }

  #heard(caller: Caller): void {
    equal(++caller.heard, 1);
    ok(caller.isWaiting, "told after it had left");
    this.#leaves(caller);
  }

  #leaves(caller: Caller): void {
    caller.isWaiting = false;
    this.waiting = this.waiting.filter((other) => other !== caller);
  }

  cancel(index: number): void {
    const caller = this.waiting[index % Math.max(1, this.waiting.length)];
    if (!caller) return;
    this.#leaves(caller);
    caller.cancel();
  }

  answered(index: number): void {
    this.held[index % Math.max(1, this.held.length)]?.slot?.answered();
  }

  release(index: number): void {
    const caller = this.held[index % Math.max(1, this.held.length)];
    if (!caller) return;
    this.held = this.held.filter((other) => other !== caller);
    caller.slot?.release();
    caller.slot?.release();
  }

  check(): void {
    const { max_concurrency, max_queue, max_queue_ms, requests_per_minute } = this.limits;
    const { in_flight, queued } = this.line.state();
    equal(in_flight, this.held.length);
    equal(queued, this.waiting.length);
    ok(queued <= max_queue);
    const now = this.clock.nowMs();
    ok(this.waiting.every(({ askedMs }) => now - askedMs < max_queue_ms));
    const lately = this.went.filter((at) => now - at < 60_000).length;
    ok(requests_per_minute === undefined || lately <= requests_per_minute);
    const hasRoom = in_flight < max_concurrency && lately < (requests_per_minute ?? Number.POSITIVE_INFINITY);
    if (hasRoom) ok(this.waiting.every(({ model }) => this.held.some((held) => held.model === model)));
    if (hasRoom)
      ok(
        this.waiting.every(({ model }) => model !== undefined),
        "nobody woke it",
      );
  }

  /** Everybody goes home: nothing may be left. */
  end(): void {
    while (this.held.length > 0 || this.waiting.length > 0) {
      this.release(0);
      this.cancel(0);
    }
    this.check();
    equal(this.clock.pending, 0);
  }
}

const limits = fc.record(
  {
    max_concurrency: fc.integer({ min: 1, max: 4 }),
    max_queue: fc.integer({ min: 0, max: 6 }),
    max_queue_ms: fc.constantFrom(1, 500, 30_000, 90_000),
    requests_per_minute: fc.integer({ min: 1, max: 8 }),
  },
  { requiredKeys: ["max_concurrency", "max_queue", "max_queue_ms"] },
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant("ask" as const), index: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("release" as const), index: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("answered" as const), index: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("cancel" as const), index: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("wait" as const), index: fc.nat(100_000) }) },
);

test("100,000 random steps: never more than allowed, nobody forgotten, nobody told twice, nothing left", () => {
  let steps = 0;
  fc.assert(
    fc.property(limits, fc.array(step, { minLength: 200, maxLength: 200 }), (chosen, taken) => {
      const play = new Play(chosen);
      for (const { does, index } of taken) {
        if (does === "ask") play.ask(MODELS[index]);
        else if (does === "wait") play.clock.advance(index);
        else play[does](index);
        play.check();
        steps++;
      }
      play.end();
    }),
    { numRuns: 500 },
  );
  equal(steps, 100_000);
});
