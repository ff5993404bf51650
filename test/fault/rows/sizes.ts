import { constants, gzipSync } from "node:zlib";
import type { Part } from "../call.ts";
import type { Ending } from "../expect.ts";
import { bytesOf, changed, end, head, inTurn, refused } from "../parts.ts";
import { type Row, row } from "../row.ts";

const FINE: Ending = { sees: "fine", kind: "target", tries: 1, status: 200 };
const SENSELESS: Ending = { sees: "elsewhere", kind: "malformed", tries: 1, status: 502 };
const MIB = 1024 * 1024;

/** Nobody asked for it: the router says `identity`. */
function encoded(coding: string, change: (answer: Buffer) => Buffer): Part {
  const more = [`content-encoding: ${coding}`];
  return inTurn(
    changed((answer) => change(answer)),
    head({ framing: "length", more }),
    (call) => call.send(call.answer),
    end,
  );
}

/** What there is of it can be read, and then it breaks off, though its length is as was told. */
const TRUNCATED: Part = inTurn(
  changed((answer, call) =>
    gzipSync(answer.subarray(0, bytesOf(call, "half")), { finishFlush: constants.Z_SYNC_FLUSH }),
  ),
  head({ framing: "length", more: ["content-encoding: gzip"] }),
  (call) => call.send(call.answer),
  end,
);

const BOMB = gzipSync(Buffer.alloc(64 * MIB));

const CODINGS: Row[] = [
  row(14, "gzip", { play: encoded("gzip", gzipSync), ends: FINE }),
  row(14, "half of a gzip, of the right length", ({ stream }) => ({
    play: TRUNCATED,
    ends: stream
      ? { sees: "broken", kind: "cut", tries: 1, status: 200 }
      : { sees: "elsewhere", kind: "cut", tries: 3, status: 502 },
  })),
  row(15, "gzip that is none", { play: encoded("gzip", (answer) => answer), ends: SENSELESS }),
  row(15, "200 encodings", { play: encoded(Array(200).fill("gzip").join(", "), gzipSync), ends: SENSELESS }),
  row(15, "64 KB that inflate to 64 MB", { play: encoded("gzip", () => BOMB), ends: SENSELESS }, { heavy: true }),
];

const LONG = Buffer.alloc(65 * MIB, "x");

/** Bytes without an end, as many as are taken. */
const endless: Part = async (call) => {
  while (call.isOpen) await call.send(LONG.subarray(0, MIB));
};

export const SIZES: Row[] = [
  ...CODINGS,
  row(
    20,
    "an answer without end",
    { play: inTurn(head({ type: "application/json" }), endless), ends: SENSELESS },
    { only: "whole", heavy: true },
  ),
  row(20, "a line without end", { play: inTurn(head(), endless), ends: SENSELESS }, { only: "stream", heavy: true }),
  row(
    20,
    "an error of 5 MB",
    {
      play: refused({ status: 500, message: LONG.toString("latin1", 0, 5 * MIB) }),
      ends: { sees: "elsewhere", kind: "target", tries: 3, status: 502 },
    },
    { heavy: true },
  ),
];
