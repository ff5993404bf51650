import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { testProvider } from "../../test/support/provider.ts";
import type { ProviderConfig } from "../config/config.ts";
import type { Dialect } from "../core/part.ts";
import type { Provider } from "../upstream/provider.ts";
import { Limiter, type Slot } from "./limiter.ts";

function limited(config: Partial<ProviderConfig>, dialect: Dialect = "openai"): Provider {
  return testProvider({ name: "p", ...config }, { dialect });
}

/** Asks, and keeps what came of it. */
function asker(limiter: Limiter) {
  const told: string[] = [];
  const slots = new Map<string, Slot>();
  const messages: string[] = [];
  return {
    told,
    messages,
    ask(who: string, provider: Provider, model = "m") {
      return limiter.ask(provider, model, {
        granted(slot) {
          told.push(`${who} goes`);
          slots.set(who, slot);
        },
        refused({ kind, message, retryAfter }) {
          equal(kind, "busy");
          told.push(`${who} refused ${retryAfter}`);
          messages.push(message);
        },
      });
    },
    slot(who: string): Slot {
      const slot = slots.get(who);
      ok(slot, `${who} has no slot`);
      return slot;
    },
  };
}

function setup() {
  const clock = new FakeClock();
  const limiter = new Limiter(clock);
  return { clock, limiter, ...asker(limiter) };
}

describe("who is limited", () => {
  test("providers with a limit, and servers that load models", () => {
    const { limiter } = setup();
    equal(limiter.limits(limited({})), false);
    equal(limiter.limits(limited({ max_concurrency: 1 })), true);
    equal(limiter.limits(limited({ requests_per_minute: 1 })), true);
    equal(limiter.limits(limited({}, "ollama")), true);
    equal(limiter.limits({ ...limited({}, "ollama"), origin: "https://ollama.com" }), false);
  });
});

describe("max_concurrency", () => {
  test("those beyond it go in their order, one for each that ends", () => {
    const { ask, slot, told, limiter } = setup();
    const provider = limited({ max_concurrency: 2 });
    for (const who of ["a", "b", "c", "d"]) ask(who, provider);
    deepEqual(told, ["a goes", "b goes"]);
    deepEqual(limiter.state("p"), { in_flight: 2, queued: 2 });
    slot("b").release();
    slot("b").release();
    deepEqual(told, ["a goes", "b goes", "c goes"]);
    slot("a").release();
    equal(told.at(-1), "d goes");
  });

  test("who leaves the line gives its place back at once, and hears nothing more", () => {
    const { ask, slot, told, limiter, clock } = setup();
    const provider = limited({ max_concurrency: 1, max_queue: 1 });
    ask("a", provider);
    const b = ask("b", provider);
    b.cancel();
    b.cancel();
    equal(limiter.state("p")?.queued, 0);
    ask("c", provider);
    slot("a").release();
    deepEqual(told, ["a goes", "c goes"]);
    equal(clock.pending, 0);
  });

  test("when max_queue wait already, further ones are refused at once", () => {
    const { ask, told, messages } = setup();
    const provider = limited({ max_concurrency: 1, max_queue: 1 });
    for (const who of ["a", "b", "c"]) ask(who, provider);
    deepEqual(told, ["a goes", "c refused 5"]);
    match(messages[0] ?? "", /max_concurrency \(1\) is reached, and max_queue \(1\) wait already/);
  });

  test("who waited for max_queue_ms is refused", () => {
    const { ask, told, messages, clock, limiter } = setup();
    const provider = limited({ max_concurrency: 1, max_queue_ms: 1_000 });
    ask("a", provider);
    ask("b", provider);
    clock.advance(999);
    deepEqual(told, ["a goes"]);
    clock.advance(1);
    deepEqual(told, ["a goes", "b refused 5"]);
    match(messages[0] ?? "", /max_concurrency \(1\) was reached for all of max_queue_ms \(1000\)/);
    equal(limiter.state("p")?.queued, 0);
  });

  test("max_queue_ms = 0: nobody waits", () => {
    const { ask, told } = setup();
    const provider = limited({ max_concurrency: 1, max_queue_ms: 0 });
    ask("a", provider);
    ask("b", provider);
    deepEqual(told, ["a goes", "b refused 5"]);
  });

  test("who would wait longer than max_queue_ms is refused at once, and told when to come again", () => {
    const { ask, slot, told, messages, clock, limiter } = setup();
    const provider = limited({ max_concurrency: 1, max_queue_ms: 5_000 });
    ask("a", provider);
    clock.advance(4_000);
    slot("a").release();
    equal(limiter.state("p")?.mean_ms, 4_000);
    for (const who of ["b", "c", "d"]) ask(who, provider);
    // c: half of 4 s is left on average; d: that and 4 s more.
    deepEqual(told, ["a goes", "b goes", "d refused 6"]);
    match(messages[0] ?? "", /the wait of about 6 s would be longer than max_queue_ms \(5000\)/);
  });

  test("the mean follows what requests take lately", () => {
    const { ask, slot, clock, limiter } = setup();
    const provider = limited({ max_concurrency: 1 });
    for (const ms of [10_000, ...Array<number>(20).fill(100)]) {
      ask("a", provider);
      clock.advance(ms);
      slot("a").release();
    }
    const mean = limiter.state("p")?.mean_ms ?? 0;
    ok(mean >= 100 && mean < 300, `${mean}`);
  });

  test("a limit changed by a reload holds from the next request on", () => {
    const { ask, slot, told } = setup();
    for (const who of ["a", "b", "c"]) ask(who, limited({ max_concurrency: 1 }));
    ask("d", limited({ max_concurrency: 3 }));
    deepEqual(told, ["a goes", "b goes", "c goes"]);
    ask("e", limited({ max_concurrency: 1 }));
    for (const who of ["a", "b"]) slot(who).release();
    equal(told.length, 3);
    slot("c").release();
    equal(told.at(-1), "d goes");
  });

  test("a long line served in calls that end at once does not nest", () => {
    const { limiter } = setup();
    const provider = limited({ max_concurrency: 1, max_queue: 50_000 });
    let served = 0;
    let first: Slot | undefined;
    limiter.ask(provider, "m", { granted: (slot) => (first = slot), refused: () => undefined });
    for (let index = 0; index < 50_000; index++) {
      const granted = (slot: Slot) => {
        served++;
        slot.release();
      };
      limiter.ask(provider, "m", { granted, refused: () => undefined });
    }
    first?.release();
    equal(served, 50_000);
  });
});

describe("requests_per_minute", () => {
  test("so many at once, the next when the oldest is a minute old", () => {
    const { ask, told, clock } = setup();
    const provider = limited({ requests_per_minute: 2, max_queue_ms: 60_000 });
    ask("a", provider);
    clock.advance(10_000);
    ask("b", provider);
    ask("c", provider);
    ask("d", provider);
    deepEqual(told, ["a goes", "b goes"]);
    clock.advance(49_999);
    equal(told.length, 2);
    clock.advance(1);
    deepEqual(told.slice(2), ["c goes"]);
    clock.advance(10_000);
    deepEqual(told.slice(3), ["d goes"]);
    equal(clock.pending, 0);
  });

  test("the wait is known, so who would wait too long is refused at once", () => {
    const { ask, told, messages, clock } = setup();
    const provider = limited({ requests_per_minute: 1 });
    ask("a", provider);
    clock.advance(20_000);
    ask("b", provider);
    clock.advance(20_000);
    ask("c", provider);
    ask("d", provider);
    deepEqual(told, ["a goes", "b refused 40", "d refused 80"]);
    match(messages[0] ?? "", /requests_per_minute \(1\) is reached, and the wait of about 40 s would be longer/);
    clock.advance(20_000);
    equal(told.at(-1), "c goes");
  });

  test("less than one in a minute is one in several", () => {
    const { ask, told, clock } = setup();
    const provider = limited({ requests_per_minute: 0.5, max_queue_ms: 120_000 });
    ask("a", provider);
    ask("b", provider);
    clock.advance(119_999);
    equal(told.length, 1);
    clock.advance(1);
    equal(told.length, 2);
  });

  test("a limit changed by a reload counts what went before", () => {
    const { ask, told } = setup();
    for (const who of ["a", "b"]) ask(who, limited({ requests_per_minute: 3 }));
    for (const who of ["c", "d", "e"]) ask(who, limited({ requests_per_minute: 4 }));
    deepEqual(told.slice(0, 4), ["a goes", "b goes", "c goes", "d goes"]);
    equal(told.at(-1), "e refused 60");
  });

  test("no timer is left when the last one leaves", () => {
    const { ask, clock } = setup();
    const provider = limited({ requests_per_minute: 1, max_queue_ms: 60_000 });
    ask("a", provider);
    const b = ask("b", provider);
    equal(clock.pending, 2);
    b.cancel();
    equal(clock.pending, 0);
  });
});

describe("a model that has to be loaded", () => {
  test("one request goes ahead; when its answer begins all others follow", () => {
    const { ask, slot, told, clock } = setup();
    const ollama = limited({}, "ollama");
    for (const who of ["a", "b", "c"]) ask(who, ollama);
    ask("other", ollama, "other model");
    deepEqual(told, ["a goes", "other goes"]);
    clock.advance(8_000);
    slot("a").answered();
    deepEqual(told.slice(2), ["b goes", "c goes"]);
    slot("other").answered();
    equal(clock.pending, 0);
  });

  test("it counts as loaded for five minutes after its last answer, and all through a longer one", () => {
    const { ask, slot, told, clock } = setup();
    const ollama = limited({}, "ollama");
    const useFor = (who: string, ms: number) => {
      ask(who, ollama);
      slot(who).answered();
      clock.advance(ms);
      slot(who).release();
    };
    useFor("a", 0);
    clock.advance(299_999);
    ask("b", ollama);
    ask("c", ollama);
    deepEqual(told, ["a goes", "b goes", "c goes"]);
    slot("b").answered();
    clock.advance(3_600_000);
    ask("d", ollama);
    ask("e", ollama);
    deepEqual(told.slice(3), ["d goes", "e goes"]);
    for (const who of ["b", "c", "d", "e"]) slot(who).release();
    clock.advance(300_000);
    ask("f", ollama);
    ask("g", ollama);
    deepEqual(told.slice(5), ["f goes"]);
  });

  test("when the first one fails or its client leaves, the next one has it loaded", () => {
    const { ask, slot, told, clock } = setup();
    const ollama = limited({}, "ollama");
    for (const who of ["a", "b", "c", "d"]) ask(who, ollama);
    slot("a").release();
    deepEqual(told, ["a goes", "b goes"]);
    slot("b").answered();
    deepEqual(told.slice(2), ["c goes", "d goes"]);
    equal(clock.pending, 0);
  });

  test("nobody is refused for it: after max_queue_ms, or with max_queue waiting, they go", () => {
    const { ask, told, clock } = setup();
    const ollama = limited({ max_queue: 2, max_queue_ms: 10_000 }, "ollama");
    ask("a", ollama);
    clock.advance(5_000);
    for (const who of ["b", "c", "d"]) ask(who, ollama);
    deepEqual(told, ["a goes", "d goes"]);
    clock.advance(5_000);
    deepEqual(told.slice(2), ["b goes", "c goes"]);
    ask("e", ollama);
    equal(told.at(-1), "e goes");
    equal(clock.pending, 0);
  });

  test("with max_concurrency no more than that follow, and those of other models pass meanwhile", () => {
    const { ask, slot, told } = setup();
    const ollama = limited({ max_concurrency: 2 }, "ollama");
    for (const who of ["a", "b", "c"]) ask(who, ollama);
    ask("x", ollama, "x");
    deepEqual(told, ["a goes", "x goes"]);
    slot("a").answered();
    equal(told.length, 2);
    slot("x").release();
    equal(told.at(-1), "b goes");
    slot("a").release();
    equal(told.at(-1), "c goes");
  });

  test("how long loading takes says nothing of what comes after", () => {
    const { ask, slot, clock, limiter } = setup();
    const ollama = limited({ max_concurrency: 1 }, "ollama");
    ask("a", ollama);
    clock.advance(120_000);
    slot("a").answered();
    slot("a").release();
    equal(limiter.state("p")?.mean_ms, undefined);
    ask("b", ollama);
    slot("b").answered();
    clock.advance(2_000);
    slot("b").release();
    equal(limiter.state("p")?.mean_ms, 2_000);
  });

  test("models of Ollama's cloud are not loaded here", () => {
    const { ask, told } = setup();
    for (const who of ["a", "b"]) ask(who, limited({}, "ollama"), "gpt-oss:120b-cloud");
    deepEqual(told, ["a goes", "b goes"]);
  });
});

test("a request that began before a reload meets the limits of now", () => {
  const limiter = new Limiter(new FakeClock());
  const before = limited({ max_concurrency: 1, max_queue_ms: 0 });
  const now = limited({ max_concurrency: 2, max_queue_ms: 0 });
  limiter.configure([now.config]);
  const { told, ask } = asker(limiter);
  for (const who of ["a", "b", "c"]) ask(who, before);
  deepEqual(
    told.map((line) => line.replace(/ \d+$/, "")),
    ["a goes", "b goes", "c refused"],
  );
  limiter.configure([limited({}).config]);
  equal(limiter.limits(before), false);
});
