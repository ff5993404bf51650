import { gzipSync } from "node:zlib";
import type { CompleteEvent } from "../src/record/events.ts";
import { Metrics } from "../src/record/metrics/metrics.ts";
import { prometheusText } from "../src/record/metrics/prometheus.ts";
import { completed } from "./completed.ts";

// `node bench/metrics.ts`: what counting a request costs, and what a scrape of 50 providers with 20 models each; docs/metrics.md
// has the figures. What they do to requests, `bench/sections/features.ts` measures.

const PROVIDERS = 50;
const MODELS = 20;
const REQUESTS = 200_000;
const SCRAPES = 20;

const metrics = new Metrics();
metrics.follow({ isKnown: () => true, system: () => "openai", look: () => undefined });
const events: CompleteEvent[] = [];
for (let provider = 0; provider < PROVIDERS; provider++)
  for (let model = 0; model < MODELS; model++)
    events.push(completed(`provider-${provider}`, `some-model-${model}-2026-01`));

function counted(): number {
  const began = performance.now();
  for (let at = 0; at < REQUESTS; at++) {
    const event = events[at % events.length];
    if (event) metrics.take(event);
  }
  return ((performance.now() - began) * 1000) / REQUESTS;
}

counted();
console.log(`counting a request: ${counted().toFixed(1)} µs`);

let best = Number.POSITIVE_INFINITY;
let longest = Number.POSITIVE_INFINITY;
let text = "";
for (let turn = 0; turn < SCRAPES; turn++) {
  const pieces: string[] = [];
  let most = 0;
  let last = performance.now();
  const began = last;
  for (const piece of prometheusText(metrics.read())) {
    pieces.push(piece);
    const now = performance.now();
    most = Math.max(most, now - last);
    last = now;
  }
  best = Math.min(best, last - began);
  longest = Math.min(longest, most);
  text = pieces.join("");
}
const lines = text.split("\n").length;
console.log(
  `a scrape of ${PROVIDERS} × ${MODELS}: ${best.toFixed(0)} ms in all, ${longest.toFixed(1)} ms at a stretch`,
);
console.log(
  `${(text.length / 1e6).toFixed(1)} MB, ${lines} lines, ${(gzipSync(text, { level: 1 }).length / 1e3).toFixed(0)} KB compressed`,
);
