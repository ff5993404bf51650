import { equal, ok } from "node:assert/strict";
import { Tracing, traceHeaders } from "../../src/core/trace-context.ts";
import { FILTER_NAMES, parseFilter } from "../../src/remote/filter.ts";
import { parseAssertion } from "../../src/replay/assert/assertion.ts";
import { AssertionFault } from "../../src/replay/assert/fault.ts";
import { Tally } from "../../src/replay/tally.ts";
import { rowOfLine } from "../../src/store/index/record-row.ts";
import { exampleLog } from "../../test/support/replay-log.ts";
import type { Target } from "../engine/target.ts";
import { unlessRefused } from "./documented.ts";

const ROWS = exampleLog()
  .split("\n")
  .flatMap((line) => rowOfLine(line) ?? [])
  .slice(0, 8);

const FILTER: Target = {
  name: "filter",
  words: ["remote/filter.ts"],
  seeds: () => [
    "",
    'provider:claude status:error fix "the clock"',
    "model:*gpt*-5* tag:code",
    "outcome:ok key:a* -x",
    'tag:"a b" rule:',
  ],
  run(input) {
    const filter = parseFilter(input.toString("utf8"));
    for (const row of [...ROWS, {}]) equal(typeof filter(row), "boolean");
  },
};

const PARTS = { providers: ["laptop", "cloud", "cheap"], filterNames: FILTER_NAMES, parseFilter };

const ASSERTION: Target = {
  name: "assertion",
  words: ["replay/assert/*.ts", "remote/filter.ts"],
  seeds: () => [
    "tag=private → local",
    "cost <= 1.1x",
    "refused = 0",
    "p95 < 2s",
    "moved <= 5%",
    "model:*haiku* -> cheap | laptop/llama*",
    "cost(cloud) ≤ $3",
  ],
  run(input) {
    const text = input.toString("utf8");
    const mayThrow = (error: unknown) => {
      if (!(error instanceof AssertionFault)) return false;
      ok(error.position >= 0 && error.position <= text.length, `position ${error.position} of ${text.length}`);
      return true;
    };
    const assertion = unlessRefused(input, () => parseAssertion(text, PARTS), mayThrow);
    if (!assertion) return;
    const verdict = assertion.verdict(new Tally().totals(0));
    equal(verdict.assertion, text);
    equal(typeof verdict.holds, "boolean");
  },
};

/** Lines of the input are the two headers. */
const TRACE: Target = {
  name: "trace",
  words: ["core/trace-context.ts"],
  seeds: () => [
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\na=1,b=2",
    "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03-more\n",
    "ff-00000000000000000000000000000000-0000000000000000-00",
  ],
  run(input) {
    const [traceparent, tracestate] = input.toString("latin1").split("\n");
    const tracing = new Tracing({ ratio: 0.5, byParent: true });
    const place = tracing.begin("id", { traceparent, tracestate });
    const sent = traceHeaders(place, place.spanId);
    ok(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[0-3]$/.test(sent.traceparent), sent.traceparent);
  },
};

export const TEXTS: readonly Target[] = [FILTER, ASSERTION, TRACE];
