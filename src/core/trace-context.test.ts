import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { TracePlaces, Tracing, traceHeaders } from "./trace-context.ts";

const ID = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

test("a valid traceparent is continued, of later versions too", () => {
  for (const header of [`00-${ID}-${SPAN}-01`, `01-${ID}-${SPAN}-01-more`, `cc-${ID}-${SPAN}-01`]) {
    const trace = new Tracing({ ratio: 0, byParent: true }).begin("r", {
      traceparent: header,
      tracestate: ["a=1", "b=2"],
    });
    deepEqual([trace.traceId, trace.parentSpanId, trace.sampled, trace.state], [ID, SPAN, true, "a=1,b=2"]);
    equal(traceHeaders(trace, "00000000000000ab").traceparent, `00-${ID}-00000000000000ab-01`);
  }
});

test("the flag of a random id is handed on, others are not", () => {
  const trace = new Tracing({ ratio: 1, byParent: true }).begin("r", { traceparent: `00-${ID}-${SPAN}-fe` });
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
    const trace = new Tracing({ ratio: 1, byParent: true }).begin("r", { traceparent, tracestate: "a=1" });
    match(trace.traceId, /^[0-9a-f]{32}$/);
    ok(trace.traceId !== ID && trace.parentSpanId === undefined && trace.state === undefined && trace.sampled);
  }
});

test("a ratio keeps about so many", () => {
  const tracing = new Tracing({ ratio: 0.25, byParent: true });
  let kept = 0;
  for (let turn = 0; turn < 4000; turn++) if (tracing.begin("r", {}).sampled) kept++;
  ok(kept > 800 && kept < 1200, String(kept));
});

test("where the parent does not decide, its id does", () => {
  for (const ratio of [0, 1]) {
    const flags = ratio === 1 ? "00" : "01";
    const tracing = new Tracing({ ratio, byParent: false });
    equal(tracing.begin("r", { traceparent: `00-${ID}-${SPAN}-${flags}` }).sampled, ratio === 1);
  }
});

test("the places of the latest requests are known, and no more", () => {
  const places = new TracePlaces();
  const tracing = new Tracing({ ratio: 1, byParent: true }, places);
  const first = tracing.begin("first", {});
  equal(places.of("first"), first);
  for (let turn = 0; turn < 4096; turn++) tracing.begin(`r${turn}`, {});
  equal(places.of("first"), undefined);
  ok(places.of("r0") && places.of("r4095"));
});
