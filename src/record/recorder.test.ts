import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import type { RouterEvent } from "./events.ts";
import { Feed } from "./feed.ts";
import { Recorder, type Sink } from "./recorder.ts";

const CLASSIFIED: RouterEvent = { type: "classified", id: "1", ts_ms: 1, tags: ["模型"] };

function sink(active: boolean, completeOnly: boolean): Sink & { taken: { event: RouterEvent; json: string }[] } {
  const taken: { event: RouterEvent; json: string }[] = [];
  return { active, completeOnly, taken, take: (event, json) => void taken.push({ event, json }) };
}

/** Counts how often the event is built and turned into JSON. */
function counted(type: "classified" | "complete"): { build: () => RouterEvent; built(): number; written(): number } {
  let built = 0;
  let written = 0;
  const build = (): RouterEvent => {
    built++;
    const event: RouterEvent = { ...CLASSIFIED };
    return Object.defineProperty(event, "toJSON", {
      value: () => {
        written++;
        return { ...CLASSIFIED, type };
      },
    });
  };
  return { build, built: () => built, written: () => written };
}

describe("the recorder", () => {
  test("builds nothing when nobody listens", () => {
    const event = counted("classified");
    new Recorder([]).record("classified", event.build);
    new Recorder([sink(false, false), sink(true, true)]).record("classified", event.build);
    equal(event.built(), 0);
  });

  test("builds once and writes JSON once, however many listen", () => {
    const sinks = [sink(true, false), sink(false, false), sink(true, false), sink(true, true)];
    const event = counted("complete");
    new Recorder(sinks).record("complete", event.build);
    deepEqual([event.built(), event.written()], [1, 1]);
    deepEqual(
      sinks.map(({ taken }) => taken.length),
      [1, 0, 1, 1],
    );
    equal(sinks[0]?.taken[0]?.event, sinks[2]?.taken[0]?.event);
    equal(sinks[0]?.taken[0]?.json, '{"type":"complete","id":"1","ts_ms":1,"tags":["模型"]}');
  });

  test("sinks that want only complete events get no others", () => {
    const log = sink(true, true);
    const recorder = new Recorder([log]);
    recorder.record("classified", () => CLASSIFIED);
    equal(log.taken.length, 0);
    recorder.record("complete", () => CLASSIFIED);
    equal(log.taken.length, 1);
  });
});

describe("the feed", () => {
  test("is active while somebody watches, and every watcher gets every event", () => {
    const feed = new Feed();
    equal(feed.active, false);
    const first: string[] = [];
    const second: string[] = [];
    const stopFirst = feed.watch((frame) => void first.push(String(frame)));
    const stopSecond = feed.watch((frame) => void second.push(String(frame)));
    equal(feed.active, true);
    feed.take(CLASSIFIED, "1");
    stopFirst();
    feed.take(CLASSIFIED, "2");
    stopSecond();
    stopSecond();
    feed.take(CLASSIFIED, "3");
    deepEqual([first, second, feed.active], [["data: 1\n\n"], ["data: 1\n\n", "data: 2\n\n"], false]);
  });

  test("a watcher that leaves while it is told does not disturb the others", () => {
    const feed = new Feed();
    const heard: string[] = [];
    const stop = feed.watch(() => stop());
    feed.watch((frame) => void heard.push(String(frame)));
    feed.take(CLASSIFIED, "1");
    feed.take(CLASSIFIED, "2");
    deepEqual(heard, ["data: 1\n\n", "data: 2\n\n"]);
  });
});
