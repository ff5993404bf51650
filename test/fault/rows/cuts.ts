import type { FailureKind } from "../../../src/core/failure.ts";
import type { Way } from "../bench.ts";
import type { Part } from "../call.ts";
import type { Ending } from "../expect.ts";
import { body, bytesOf, end, fin, hang, head, inTurn, reset, sliced } from "../parts.ts";
import { type Row, row } from "../row.ts";
import type { Variant } from "../variants.ts";

/** Nothing a client could have seen: as if it had never been asked. */
function unseen(kind: FailureKind, tries: 1 | 3): Ending {
  return { sees: "elsewhere", kind, tries, status: kind === "timeout" ? 504 : 502 };
}

/** Half of a stream was seen, and is all the client gets; half a whole answer is nothing. */
function halfway(kind: FailureKind, tries: 1 | 3, ofWhole = kind) {
  return ({ stream }: Variant): Ending =>
    stream ? { sees: "broken", kind, tries: 1, status: 200 } : unseen(ofWhole, tries);
}

function halfRow(number: number, fault: string, play: Part, ends: (variant: Variant) => Ending, way?: Way): Row {
  return row(number, fault, (variant) => ({ ...(way && { way }), play, ends: ends(variant) }));
}

const OPENED = inTurn(head(), body("opening"));
const HALF = inTurn(head(), body("half"));
const TORN = inTurn(head(), body("torn"));

/** The end of a body told by nothing but the end of the connection: as clean as can be, and half an answer. */
const UNTIL_CLOSED = head({ framing: "close" });

export const CUTS: Row[] = [
  row(9, "no answer", { way: "first", play: hang, ends: unseen("timeout", 1) }),
  row(10, "silence behind the head", { way: "idle", play: OPENED, ends: unseen("timeout", 1) }),
  halfRow(10, "silence in the middle", HALF, halfway("timeout", 1), "idle"),
  row(11, "reset before the head", { play: reset, ends: unseen("cut", 3) }),
  row(11, "reset behind the head", { play: inTurn(OPENED, reset), ends: unseen("cut", 3) }),
  halfRow(11, "reset in the middle", inTurn(HALF, reset), halfway("cut", 3)),
  halfRow(11, "reset inside a frame", inTurn(TORN, reset), halfway("cut", 3)),
  row(12, "closed before the head", { play: fin, ends: unseen("cut", 3) }),
  row(12, "closed behind the head", { play: inTurn(OPENED, fin), ends: unseen("cut", 3) }),
  halfRow(12, "closed in the middle", inTurn(HALF, fin), halfway("cut", 3)),
  halfRow(12, "closed inside a frame", inTurn(TORN, fin), halfway("cut", 3)),
  halfRow(12, "closed before its length", inTurn(head({ framing: "length" }), body("half"), fin), halfway("cut", 3)),
  row(13, "a clean end behind the head", ({ stream }) => ({
    play: inTurn(UNTIL_CLOSED, body("opening"), fin),
    ends: stream ? unseen("cut", 3) : unseen("malformed", 1),
  })),
  halfRow(13, "a clean end in the middle", inTurn(UNTIL_CLOSED, body("half"), fin), halfway("cut", 1, "malformed")),
  halfRow(13, "a clean end inside a frame", inTurn(UNTIL_CLOSED, body("torn"), fin), halfway("malformed", 1)),
  halfRow(13, "a clean end of chunks in the middle", inTurn(HALF, end), halfway("cut", 1, "malformed")),
  halfRow(13, "a clean end of chunks inside a frame", inTurn(TORN, end), halfway("malformed", 1)),
  // The time of the whole exchange is used up: nobody else is asked.
  row(19, "a slow drip", ({ stream }) => ({
    way: "total",
    play: inTurn(HALF, sliced(1, 20), (call) => call.send(call.answer.subarray(bytesOf(call, "half")))),
    ends: { sees: stream ? "broken" : "told", kind: "timeout", tries: 1, status: stream ? 200 : 504 },
  })),
];
