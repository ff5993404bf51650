import { equal } from "node:assert/strict";
import type { FailureKind } from "../../../src/core/failure.ts";
import type { Ending, Seen } from "../expect.ts";
import { head, inTurn, refused } from "../parts.ts";
import { type Row, row } from "../row.ts";

const LIMITED: Ending = { sees: "elsewhere", kind: "rate-limit", tries: 3, status: 429 };

/** Two seconds are longer than the router may wait here: without a second target the client is told. */
const TOLD_TO_WAIT: Ending = { ...LIMITED, tries: 1 };

function toldSeconds({ heard, variant }: Seen): void {
  if (!variant.second) equal(heard.headers.get("retry-after"), "2");
}

/** A date by the provider's own clock, which is wrong by years. */
const BY_DATE = ["date: Sat, 01 Jan 2000 00:00:00 GMT", "retry-after: Sat, 01 Jan 2000 00:00:02 GMT"];

const RATE_LIMITS: Row[] = [
  row(5, "429", { play: refused({ status: 429 }), ends: LIMITED }),
  row(5, "429, retry-after-ms: 40", { play: refused({ status: 429 }, ["retry-after-ms: 40"]), ends: LIMITED }),
  row(5, "429, Retry-After: 2", {
    play: refused({ status: 429 }, ["retry-after: 2"]),
    ends: TOLD_TO_WAIT,
    also: toldSeconds,
  }),
  row(5, "429, Retry-After: a date", {
    play: refused({ status: 429 }, BY_DATE),
    ends: TOLD_TO_WAIT,
    also: toldSeconds,
  }),
  ...["1000000000", "-1", "soon", "NaN"].map((value) =>
    row(5, `429, Retry-After: ${value}`, {
      play: refused({ status: 429 }, [`retry-after: ${value}`]),
      ends: LIMITED,
      also: ({ heard }) => equal(heard.headers.get("retry-after"), null),
    }),
  ),
];

function broken(status: number, kind: FailureKind, client: number): Row {
  return row(6, String(status), {
    play: refused({ status }),
    ends: { sees: "elsewhere", kind, tries: 3, status: client },
  });
}

function callers(status: number, kind: FailureKind = "caller", message?: string): Row {
  return row(7, message === undefined ? String(status) : `${status}, ${kind}`, {
    play: refused({ status, ...(message !== undefined && { message }) }),
    ends: { sees: "told", kind, tries: 1, status },
  });
}

function ours(number: number, status: number, kind: FailureKind, client: number): Row {
  return row(number, `${status}, ${kind}`, {
    play: refused({ status }),
    ends: { sees: "elsewhere", kind, tries: 1, status: client },
  });
}

/** Never followed: the key would go along. */
function redirect(status: number): Row {
  return row(26, `${status} to another origin`, ({ provider }, { elsewhere }) => ({
    play: inTurn(
      head({ status, framing: "length", type: "text/plain", more: [`location: ${elsewhere.base("one", provider)}`] }),
      (call) => call.send(call.answer),
      (call) => call.end(),
    ),
    ends: { sees: "elsewhere", kind: "malformed", tries: 1, status: 502 },
    also: () => equal(elsewhere.everAsked, false, "it was followed"),
  }));
}

const TOO_LONG = "prompt is too long: 300000 tokens > 200000 maximum";

export const STATUSES: Row[] = [
  ...RATE_LIMITS,
  broken(500, "target", 502),
  broken(502, "target", 502),
  broken(503, "overloaded", 503),
  broken(529, "overloaded", 503),
  callers(400),
  callers(413),
  callers(422),
  callers(400, "context", TOO_LONG),
  ours(8, 401, "credential", 502),
  ours(8, 403, "credential", 502),
  ours(8, 402, "quota", 429),
  ours(8, 404, "not-found", 404),
  ...[301, 302, 303, 307, 308].map(redirect),
];
