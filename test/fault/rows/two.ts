import { deepEqual, equal } from "node:assert/strict";
import { expectErrorShape } from "../../conformance/features/failures.ts";
import { ASK } from "../../support/clients/ask.ts";
import type { Part } from "../call.ts";
import { bodyOf, fillBudget, freshModel } from "../expect.ts";
import { instead, refused, reset } from "../parts.ts";
import type { Row } from "../row.ts";
import { secondFormat } from "../variants.ts";

/** Both targets fail, each in its way: the client is told the last, the record has all. */
function bothFail(fault: string, one: Part, two: Part, outcomes: string[], status: number): Row {
  return {
    number: 30,
    fault,
    where: ({ second }) => second,
    async check(bench, variant) {
      const { client, provider, stream } = variant;
      const model = freshModel(variant);
      bench.upstream.script(model, "one", { play: one });
      bench.upstream.script(model, "two", { play: two });
      await fillBudget(bench, 2 * outcomes.length);
      const heard = await ASK[client](bench.url, { model, ...bodyOf(variant) }, stream);
      const event = await bench.complete(model);
      equal(heard.status, status, heard.raw);
      const last = secondFormat(provider);
      expectErrorShape(heard, { client, provider: last, stream, same: client === last });
      deepEqual(
        event.attempts.map(({ provider: name, outcome }) => [name, outcome]),
        outcomes.map((outcome, at) => [at === 0 ? `${provider}-plain` : `${last}-second`, outcome]),
      );
      equal(event.outcome, outcomes.at(-1));
      equal(event.status, status);
      bench.upstream.forget(model);
    },
  };
}

const NONSENSE = instead("this is no JSON", "application/json");

export const TWO: Row[] = [
  bothFail("reset, then 404", reset, refused({ status: 404 }), ["cut", "not-found"], 404),
  bothFail("500, then 403", refused({ status: 500 }), refused({ status: 403 }), ["target", "credential"], 502),
  bothFail("nonsense, then 400", NONSENSE, refused({ status: 400 }), ["malformed", "caller"], 400),
  bothFail(
    "401, then 429",
    refused({ status: 401 }),
    refused({ status: 429 }),
    ["credential", "rate-limit", "rate-limit"],
    429,
  ),
];
