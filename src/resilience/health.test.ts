import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { breakerSchema } from "../config/config.ts";
import { FAILURES, type Failure, type FailureKind } from "../core/failure.ts";
import { Health, type HealthChange } from "./health.ts";

const CONFIG = breakerSchema.parse({});

function health(config = CONFIG) {
  const clock = new FakeClock();
  const changes: HealthChange[] = [];
  const made = new Health(config, clock, (change) => void changes.push(change));
  const said = () => changes.map(({ provider, model, state, alarm }) => `${provider} ${model} ${alarm ?? state}`);
  return { made, clock, changes, said };
}

function failure(kind: FailureKind, more: Partial<Failure> = {}): Failure {
  return { kind, message: `it was ${kind}`, ...more };
}

function fails(made: Health, times: number, model: string, what: Failure): void {
  for (let at = 0; at < times; at++) {
    made.sent("p", model);
    made.failed("p", model, what);
  }
}

describe("health", () => {
  test("five faults take one model out, not its neighbours; one probe brings it back", () => {
    const { made, clock, changes, said } = health();
    ok(made.admits("p", "m"));
    fails(made, 5, "m", failure("target", { upstreamStatus: 500, code: "boom" }));
    deepEqual(
      ["m", "n"].map((model) => made.admits("p", model)),
      [false, true],
    );
    ok(made.admits("other", "m"));
    equal(changes[0]?.reason, "5 failures in a row, the last: target (500 boom)");
    equal(changes[0]?.pauseMs, 1_000);
    clock.advance(1_000);
    ok(made.admits("p", "m"));
    made.sent("p", "m");
    equal(made.admits("p", "m"), false);
    made.cancelled("p", "m");
    ok(made.admits("p", "m"));
    made.sent("p", "m");
    made.succeeded("p", "m");
    ok(made.admits("p", "m"));
    deepEqual(said(), ["p m open", "p m probing", "p m probing", "p m closed"]);
  });

  test("no connection counts for the provider with all its models", () => {
    const { made, clock, said } = health();
    for (const model of ["a", "b", "c", "d", "e"]) fails(made, 1, model, failure("connect"));
    deepEqual([made.admits("p", "never asked"), made.admits("q", "a")], [false, true]);
    clock.advance(1_000);
    made.sent("p", "a");
    equal(made.admits("p", "b"), false);
    // A fault of the model, but the way to it is open again.
    made.failed("p", "a", failure("target", { upstreamStatus: 500 }));
    ok(made.admits("p", "b"));
    deepEqual(said(), ["p null open", "p null probing", "p null closed"]);
  });

  test("what counts is what the table of failures says", () => {
    for (const [kind, { penalty }] of Object.entries(FAILURES) as [FailureKind, { penalty: boolean }][]) {
      const { made } = health();
      fails(made, 10, "m", failure(kind));
      equal(made.admits("p", "m"), !penalty, kind);
    }
  });

  test("a failure that says nothing of the target gives its probe back", () => {
    for (const kind of ["caller", "context", "credential", "busy", "client-gone", "rate-limit"] as const) {
      const { made, clock } = health();
      fails(made, 5, "m", failure("target"));
      clock.advance(1_000);
      made.sent("p", "m");
      made.failed("p", "m", failure(kind));
      ok(made.admits("p", "m"), kind);
    }
  });

  test("a failed probe makes the pause longer, and says so", () => {
    const { made, clock, changes } = health();
    fails(made, 5, "m", failure("timeout"));
    clock.advance(1_000);
    made.sent("p", "m");
    made.failed("p", "m", failure("malformed", { upstreamStatus: 200 }));
    deepEqual(
      changes.map(({ state, pauseMs }) => [state, pauseMs]),
      [
        ["open", 1_000],
        ["probing", 0],
        ["open", 2_000],
      ],
    );
    match(changes[2]?.reason ?? "", /it still fails, the last: malformed \(200\)/);
  });

  test("turned off it leaves nobody alone, not even who asks for it", () => {
    const { made, said } = health();
    fails(made, 5, "m", failure("target"));
    fails(made, 5, "m", failure("connect"));
    made.configure({ ...CONFIG, enabled: false });
    ok(made.admits("p", "m"));
    deepEqual(said().slice(2), ["p null closed", "p m closed"]);
    fails(made, 50, "m", failure("target"));
    ok(made.admits("p", "m"));
    made.failed("p", "m", failure("rate-limit", { retryAfter: 1 }));
    ok(made.admits("p", "m"));
  });

  test("a hold ends when it is turned off", () => {
    const { made } = health();
    made.failed("p", "m", failure("rate-limit", { retryAfter: 100 }));
    equal(made.admits("p", "m"), false);
    made.configure({ ...CONFIG, enabled: false });
    ok(made.admits("p", "m"));
  });

  test("a new config holds for what is known already", () => {
    const { made, changes } = health();
    made.succeeded("p", "m");
    made.configure({ ...CONFIG, consecutive_failures: 1 });
    fails(made, 1, "m", failure("target"));
    equal(made.admits("p", "m"), false);
    made.keep(new Set(["p"]));
    equal(made.admits("p", "m"), false);
    made.keep(new Set(["q"]));
    ok(made.admits("p", "m"));
    deepEqual([changes.at(-1)?.model, changes.at(-1)?.state], ["m", "closed"]);
  });
});

describe("Retry-After", () => {
  test("is a floor for that target, and no fault", () => {
    const { made, clock, changes } = health();
    made.failed("p", "m", failure("rate-limit", { retryAfter: 2 }));
    deepEqual([made.admits("p", "m"), made.admits("p", "n"), made.holdMs("p", "m")], [false, true, 2_000]);
    clock.advance(1_999);
    made.failed("p", "m", failure("rate-limit", { retryAfter: 0.0005 }));
    made.succeeded("p", "m");
    equal(made.admits("p", "m"), false, "neither a shorter one nor an answer to an earlier request takes it back");
    clock.advance(1);
    deepEqual([made.admits("p", "m"), made.holdMs("p", "m"), changes], [true, 0, []]);
  });

  test("is obeyed for ten minutes at most; absurd ones are none", () => {
    for (const [retryAfter, holdMs] of [
      [600, 600_000],
      [3_600, 600_000],
      [1e9, 0],
      [-1, 0],
      [Number.NaN, 0],
      [Number.POSITIVE_INFINITY, 0],
    ] as const) {
      const { made } = health();
      made.failed("p", "m", failure("rate-limit", { retryAfter }));
      equal(made.holdMs("p", "m"), holdMs, `${retryAfter}`);
    }
  });

  test("our own limit says nothing of the provider", () => {
    const { made } = health();
    made.failed("p", "m", failure("busy", { retryAfter: 5 }));
    equal(made.holdMs("p", "m"), 0);
  });
});

describe("alarms", () => {
  test("once a minute for each provider and kind, as long as it lasts", () => {
    const { made, clock, said } = health();
    for (let second = 0; second < 121; second++) {
      fails(made, 2, "m", failure("credential", { upstreamStatus: 401 }));
      clock.advance(1_000);
    }
    ok(made.admits("p", "m"));
    made.failed("p", "m", failure("quota"));
    made.failed("q", "m", failure("credential"));
    deepEqual(said(), [...new Array(3).fill("p m credential"), "p m quota", "q m credential"]);
    deepEqual(made.snapshot().get("p")?.alarms, [
      { kind: "credential", model: "m", reason: "credential (401)", times: 242, agoMs: 1_000 },
      { kind: "quota", model: "m", reason: "quota", times: 1, agoMs: 0 },
    ]);
  });

  test("a connection that would not be safe is one: it neither counts as a fault nor shows that the provider can be reached", () => {
    const { made, clock, said } = health();
    fails(made, 5, "m", failure("connect"));
    clock.advance(1_000);
    ok(made.admits("p", "m"));
    fails(made, 1, "m", failure("tls"));
    deepEqual(said(), ["p null open", "p null probing", "p m tls"]);
    equal(made.snapshot().get("p")?.alarms[0]?.reason, "it was tls");
    const { made: other, said: otherSaid } = health();
    fails(other, 50, "m", failure("tls"));
    ok(other.admits("p", "m"));
    deepEqual(otherSaid(), ["p m tls"]);
  });

  test("are over when the model answers, when a new config came, and after an hour", () => {
    const list = (made: Health) =>
      made
        .snapshot()
        .get("p")
        ?.alarms.map(({ kind }) => kind);
    const { made, clock } = health();
    made.failed("p", "m", failure("not-found"));
    made.failed("p", "n", failure("credential"));
    made.succeeded("p", "m");
    deepEqual(list(made), ["credential"]);
    made.configure(CONFIG);
    deepEqual(list(made), []);
    made.failed("p", "n", failure("credential"));
    clock.advance(60 * 60_000 + 1);
    deepEqual(list(made), []);
  });

  test("and reasons never repeat a provider's words, which may be the prompt's", () => {
    const { made, changes } = health();
    const words = "the secret prompt";
    fails(made, 5, "m", { kind: "target", message: words, upstreamStatus: 500, code: words });
    made.failed("p", "m", { kind: "credential", message: words, upstreamStatus: 403, code: "forbidden" });
    ok(!JSON.stringify([changes, [...made.snapshot()]]).includes(words));
    equal(changes[1]?.reason, "credential (403 forbidden)");
    fails(made, 5, "m", { kind: "connect", message: "no connection: connect ECONNREFUSED" });
    equal(changes[2]?.reason, "5 failures in a row, the last: no connection: connect ECONNREFUSED");
  });
});

test("a snapshot shows what is troubled, and nothing else", () => {
  const { made, clock } = health();
  made.succeeded("p", "well");
  fails(made, 5, "out", failure("cut"));
  made.failed("p", "held", failure("rate-limit", { retryAfter: 9 }));
  clock.advance(400);
  const reason = "5 failures in a row, the last: cut";
  deepEqual(made.snapshot().get("p"), {
    state: "closed",
    reason: null,
    pauseMs: 0,
    alarms: [],
    models: [
      { model: "out", state: "open", reason, pauseMs: 600, holdMs: 0 },
      { model: "held", state: "closed", reason: null, pauseMs: 0, holdMs: 8_600 },
    ],
  });
  clock.advance(9_000);
  deepEqual(made.snapshot().get("p")?.models, [{ model: "out", state: "probing", reason, pauseMs: 0, holdMs: 0 }]);
});

test("a million invented models push out none that is left alone", () => {
  const { made } = health();
  fails(made, 5, "out", failure("target"));
  for (let at = 0; at < 100_000; at++) made.succeeded("p", `invented ${at}`);
  equal(made.admits("p", "out"), false);
  for (let at = 0; at < 5_000; at++) made.failed("p", `invented ${at}`, failure("rate-limit", { retryAfter: 9 }));
  ok((made.snapshot().get("p")?.models.length ?? 0) <= 1_000);
});
