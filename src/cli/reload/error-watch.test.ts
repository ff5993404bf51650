import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { randomRecord, seeded } from "../../../test/support/log-records.ts";
import { ErrorWatch } from "./error-watch.ts";

const MINUTE_MS = 60_000;
const RECORD = randomRecord(seeded(1), 0);

function setUp() {
  const clock = new FakeClock();
  const watch = new ErrorWatch<string>(clock);
  const told: string[] = [];
  watch.tripped = ({ version, config, before }) => void told.push(`${version} back to ${before} (${config})`);
  const requests = (version: number, count: number, outcome: string) => {
    for (let done = 0; done < count; done++) watch.take({ ...RECORD, config_version: version, outcome });
  };
  return { clock, watch, told, requests };
}

test("a version fails by the figures of the page: enough requests, 20 points and twice as many as before", () => {
  const cases: [before: [number, number], now: [number, number], isBack: boolean][] = [
    [[0, 0], [19, 0], false],
    [[0, 0], [20, 0], true],
    [[0, 100], [3, 17], false],
    [[0, 100], [4, 16], true],
    [[30, 70], [10, 10], false],
    [[30, 70], [12, 8], true],
    [[60, 40], [20, 0], false],
    [[20, 0], [40, 0], false],
  ];
  for (const [[failedBefore, wellBefore], [failed, well], isBack] of cases) {
    const { watch, told, requests } = setUp();
    watch.began(1, "one", true);
    requests(1, wellBefore, "ok");
    requests(1, failedBefore, "target");
    watch.began(2, "two", true);
    requests(2, well, "ok");
    requests(2, failed, "no_provider");
    deepEqual(told, isBack ? ["2 back to 1 (one)"] : [], `${failedBefore}/${wellBefore} then ${failed}/${well}`);
  }
});

test("the mistakes of clients, and their leaving, are not counted", () => {
  const { watch, told, requests } = setUp();
  watch.began(1, "one", true);
  watch.began(2, "two", true);
  for (const outcome of ["caller", "context", "client-gone", "bad_request", "stopping"]) requests(2, 20, outcome);
  deepEqual(told, []);
  for (const outcome of ["not_translatable", "internal", "timeout", "credential"]) requests(2, 5, outcome);
  deepEqual(told, ["2 back to 1 (one)"]);
});

test("only the first minutes are watched; what comes later is the version's own", () => {
  const { clock, watch, told, requests } = setUp();
  watch.began(1, "one", true);
  watch.began(2, "two", true);
  clock.advance(5 * MINUTE_MS);
  requests(2, 40, "target");
  watch.began(3, "three", true);
  requests(3, 40, "target");
  deepEqual(told, []);
  requests(1, 40, "ok");
  clock.advance(10 * MINUTE_MS);
  requests(3, 40, "ok");
  watch.began(4, "four", true);
  requests(4, 20, "target");
  deepEqual(told, ["4 back to 3 (three)"]);
});

test("a version that had no time to prove itself is nothing to go back to", () => {
  const { watch, told, requests } = setUp();
  watch.began(1, "one", true);
  watch.began(2, "two", true);
  requests(2, 3, "target");
  watch.began(3, "three", true);
  requests(3, 20, "target");
  watch.wentBack(4, true);
  requests(4, 40, "target");
  watch.began(5, "five", true);
  requests(5, 20, "ok");
  watch.began(6, "six", true);
  requests(6, 20, "target");
  deepEqual(told, ["3 back to 1 (one)", "6 back to 5 (five)"]);
});

test("it is off unless the config says so", () => {
  const { watch, told, requests } = setUp();
  watch.began(1, "one", false);
  equal(watch.active, false);
  watch.began(2, "two", true);
  equal(watch.active, true);
  watch.began(3, "three", false);
  equal(watch.active, false);
  requests(3, 40, "target");
  deepEqual(told, []);
});
