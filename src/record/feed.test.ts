import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "../../test/support/fake-clock.ts";
import type { RouterEvent } from "./events.ts";
import { Feed, type WatchOptions } from "./feed.ts";
import { Recorder } from "./recorder.ts";

const CLASSIFIED: RouterEvent = { type: "classified", id: "1", ts_ms: 1, tags: [] };
const PROGRESS: RouterEvent = {
  type: "progress",
  id: "1",
  ts_ms: 1,
  text: "so",
  reasoning: null,
  tool: null,
  output_tokens: 1,
  time_to_first_token_ms: 3,
};

function watch(feed: Feed, options?: WatchOptions): { heard: string[]; first: string[]; stop(): void } {
  const heard: string[] = [];
  const { first, stop } = feed.watch((frame) => void heard.push(String(frame)), options);
  return { heard, first: first.map(String), stop };
}

describe("the feed", () => {
  test("every watcher gets every event, numbered, while it watches", () => {
    const feed = new Feed(new FakeClock());
    equal(feed.active, false);
    const first = watch(feed);
    const second = watch(feed);
    equal(feed.active, true);
    feed.take(CLASSIFIED, "1");
    first.stop();
    feed.take(CLASSIFIED, "2");
    second.stop();
    second.stop();
    feed.take(CLASSIFIED, "3");
    const one = "id: 0-1\ndata: 1\n\n";
    deepEqual([first.heard, second.heard], [[one], [one, "id: 0-2\ndata: 2\n\n"]]);
    deepEqual([first.first, feed.watched], [["id: 0-0\n\n"], false]);
  });

  test("a watcher that leaves while it is told does not disturb the others", () => {
    const feed = new Feed(new FakeClock());
    const leaving = feed.watch(() => leaving.stop());
    const { heard } = watch(feed);
    feed.take(CLASSIFIED, "1");
    feed.take(CLASSIFIED, "2");
    equal(heard.length, 2);
  });

  test("what happens soon after the last one left is kept for it; later nothing is built any more", () => {
    const clock = new FakeClock();
    const feed = new Feed(clock);
    const recorder = new Recorder([feed]);
    let built = 0;
    const happens = () =>
      recorder.record("classified", () => {
        built++;
        return CLASSIFIED;
      });
    happens();
    equal(built, 0);
    watch(feed).stop();
    happens();
    clock.advance(179_000);
    happens();
    equal(built, 2);
    equal(watch(feed, { after: "0-1" }).first.length, 2);
    feed.end();
    happens();
    equal(built, 2);
    const back = watch(feed, { after: "0-2" });
    deepEqual(back.first[0], 'event: missed\ndata: {"type":"missed","last_event_id":"0-2","why":"too_much"}\n\n');
    back.stop();
    clock.advance(180_000);
    happens();
    equal(built, 2);
    match(watch(feed, { after: "0-3" }).first[0] ?? "", /"too_much"/);
  });

  test("nobody is told of events it has, nor of a gap where there was none", () => {
    const feed = new Feed(new FakeClock());
    watch(feed).stop();
    feed.take(CLASSIFIED, "1");
    deepEqual(watch(feed, { after: "0-1" }).first, ["id: 0-1\n\n"]);
    deepEqual(watch(feed, { after: "0-0" }).first, ["id: 0-1\ndata: 1\n\n", "id: 0-1\n\n"]);
  });

  test("of another run, or of none that could be, all that there is, and that it is not all", () => {
    const feed = new Feed(new FakeClock());
    watch(feed).stop();
    feed.take(CLASSIFIED, "1");
    for (const after of ["zz-1", "0-2", "0-", "-", "garbage", "0-1e3", `0-${"9".repeat(40)}`]) {
      const { first } = watch(feed, { after });
      match(first[0] ?? "", /"why":"restarted"/, after);
      deepEqual(first.slice(1), ["id: 0-1\ndata: 1\n\n", "id: 0-1\n\n"]);
    }
  });

  test("what is kept is bounded in number and in bytes", () => {
    const few = new Feed(new FakeClock(), { frames: 3, bytes: 1_000 });
    watch(few);
    for (let at = 1; at <= 10; at++) few.take(CLASSIFIED, String(at));
    const numbers = (feed: Feed, after: string) =>
      watch(feed, { after }).first.map((frame) => /^data: (\d+|\{.*\})/m.exec(frame)?.[1]?.slice(0, 16));
    deepEqual(numbers(few, "0-7"), ["8", "9", "10", undefined]);
    deepEqual(numbers(few, "0-6"), ['{"type":"missed"', "8", "9", "10", undefined]);
    few.take(CLASSIFIED, `"${"x".repeat(1_000)}"`);
    deepEqual(numbers(few, "0-10"), ['{"type":"missed"', undefined]);
    deepEqual(numbers(few, "0-11"), [undefined]);
    few.take(CLASSIFIED, "12");
    deepEqual(numbers(few, "0-11"), ["12", undefined]);
  });

  test("what is being said goes to those who asked, without an id, and is not kept", () => {
    const feed = new Feed(new FakeClock());
    const plain = watch(feed);
    equal(feed.wantsProgress, false);
    const asks = watch(feed, { progress: true });
    equal(feed.wantsProgress, true);
    feed.take(PROGRESS, "1");
    deepEqual([plain.heard, asks.heard], [[], ["data: 1\n\n"]]);
    deepEqual(watch(feed, { after: "0-0" }).first, ["id: 0-0\n\n"]);
    asks.stop();
    asks.stop();
    equal(feed.wantsProgress, false);
  });

  test("its end sends all away", () => {
    const feed = new Feed(new FakeClock());
    let ended = 0;
    watch(feed, { progress: true, ended: () => void ended++ });
    watch(feed, { ended: () => void ended++ });
    feed.end();
    deepEqual([ended, feed.active, feed.wantsProgress], [2, false, false]);
    ok(!feed.watched);
  });
});
