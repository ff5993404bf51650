import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import type { RouterEvent } from "./events.ts";
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

  test("what is being said goes only to those who ask for it", () => {
    const log = sink(true, true);
    const asks = { ...sink(true, false), wantsProgress: true };
    const all = sink(true, false);
    const recorder = new Recorder([log, all, asks]);
    const progress: RouterEvent = {
      type: "progress",
      id: "1",
      ts_ms: 1,
      text: "so",
      reasoning: null,
      tool: null,
      output_tokens: 1,
      time_to_first_token_ms: 3,
    };
    recorder.record("progress", () => progress);
    deepEqual([log.taken, all.taken, asks.taken.length], [[], [], 1]);
    deepEqual(
      [
        recorder.wantsProgress,
        new Recorder([log, all]).wantsProgress,
        new Recorder([{ ...asks, active: false }]).wantsProgress,
      ],
      [true, false, false],
    );
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
