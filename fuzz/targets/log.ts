import { deepEqual } from "node:assert/strict";
import { asObject, type JsonObject, tryParseJson } from "../../src/core/json.ts";
import { seededRandom } from "../../src/core/seeded-random.ts";
import { askable } from "../../src/replay/arms/askable.ts";
import { decidedIn, lossesIn } from "../../src/replay/logged.ts";
import { loggedRequest } from "../../src/replay/logged-request.ts";
import { Lines } from "../../src/replay/reading/lines.ts";
import { timeIn } from "../../src/replay/reading/log-files.ts";
import { recordedIn } from "../../src/replay/redecide/recorded.ts";
import { rowOfLine } from "../../src/store/index/record-row.ts";
import { randomRecord } from "../../test/support/log-records.ts";
import { loggedExchange } from "../../test/support/logged-exchange.ts";
import { exampleLog } from "../../test/support/replay-log.ts";
import { slices } from "../../test/support/streams.ts";
import type { Target } from "../engine/target.ts";
import { unlessRefused } from "./documented.ts";

/** The router's own log, which others may have written to, and a crash cut off. */
const LOG_LINES: Target = {
  name: "log",
  words: ["store/index/*.ts", "record/events.ts", "replay/*.ts", "replay/redecide/*.ts", "replay/arms/*.ts"],
  *seeds() {
    yield* exampleLog().trimEnd().split("\n").slice(0, 6);
    yield JSON.stringify(loggedExchange().record);
    const random = seededRandom(7);
    for (let count = 0; count < 12; count++) yield JSON.stringify(randomRecord(random, 1_795_000_000_000 + count));
  },
  run(input) {
    const whole = linesOf(input, [1 << 20]);
    deepEqual(linesOf(input, [1, 5]), whole);
    for (const line of whole) {
      timeIn(line.slice(0, 400));
      const row = unlessRefused(
        input,
        () => rowOfLine(line),
        () => false,
      );
      const record = asObject(tryParseJson(line));
      if (row && record)
        unlessRefused(
          input,
          () => readRecord({ row, record }),
          () => false,
        );
    }
  },
};

function readRecord(logged: { row: NonNullable<ReturnType<typeof rowOfLine>>; record: JsonObject }): void {
  const { record, row } = logged;
  recordedIn(record);
  loggedRequest(record);
  decidedIn(record, row);
  lossesIn(record);
  askable(logged);
}

function linesOf(input: Buffer, sizes: readonly number[]): string[] {
  const lines = new Lines();
  const out = slices(input, sizes).flatMap((slice) => [...lines.take(Buffer.from(slice))]);
  return [...out, lines.rest() ?? []].flat();
}

export const LOG: readonly Target[] = [LOG_LINES];
