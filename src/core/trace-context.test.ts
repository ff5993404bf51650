import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { Tracing, traceHeaders } from "./trace-context.ts";

const ID = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

test("a valid traceparent is continued, of later versions too", () => {
  for (const header of [`00-${ID}-${SPAN}-01`, `01-${ID}-${SPAN}-01-more`, `cc-${ID}-${SPAN}-01`]) {
    const trace = new Tracing(0).begin({ traceparent: header, tracestate: ["a=1", "b=2"] });
    deepEqual([trace.traceId, trace.parentSpanId, trace.sampled, trace.state], [ID, SPAN, true, "a=1,b=2"]);
    equal(traceHeaders(trace, "00000000000000ab").traceparent, `00-${ID}-00000000000000ab-01`);
  }
});

test("the flag of a random id is handed on, others are not", () => {
  const trace = new Tracing(1).begin({ traceparent: `00-${ID}-${SPAN}-fe` });
  deepEqual(traceHeaders(trace, SPAN), { traceparent: `00-${ID}-${SPAN}-02` });
});

test("an invalid one begins a trace anew, without its tracestate", () => {
  const zeros = "0".repeat(32);
  for (const traceparent of [
    undefined,
    "",
    "00",
    `00-${zeros}-${SPAN}-01`,
    `00-${ID}-${zeros.slice(16)}-01`,
    `00-${ID.toUpperCase()}-${SPAN}-01`,
    `00-${ID}-${SPAN}-01-more`,
    `ff-${ID}-${SPAN}-01`,
    [`00-${ID}-${SPAN}-01`],
  ]) {
    const trace = new Tracing(1).begin({ traceparent, tracestate: "a=1" });
    match(trace.traceId, /^[0-9a-f]{32}$/);
    ok(trace.traceId !== ID && trace.parentSpanId === undefined && trace.state === undefined && trace.sampled);
  }
});

test("a ratio keeps about so many", () => {
  const tracing = new Tracing(0.25);
  let kept = 0;
  for (let turn = 0; turn < 4000; turn++) if (tracing.begin({}).sampled) kept++;
  ok(kept > 800 && kept < 1200, String(kept));
});
