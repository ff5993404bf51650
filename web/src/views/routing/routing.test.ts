import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import type { DryRun } from "../../../../src/api/routing.ts";
import { bodyOf, CLIENTS } from "./bodies.ts";
import { conclusion, fallbacksOf, type Rule, saidBy, settingsOf, type Verdict } from "./why.ts";

const RUN: DryRun = {
  client: "openai",
  requested_model: "gpt-5",
  tags: ["code"],
  plugins: [],
  unasked: [],
  needs: [],
  verdicts: [],
  targets: [],
  error: null,
  losses: [],
  input_tokens: 3,
  input_cost: { usd: null, source: "unknown" },
  expected: null,
  affinity: null,
  prefer: null,
};
const SKIPPED = [{ provider: "gone", variable: "GONE_KEY" }];

const rule = (type: string, settings: Rule["settings"]): Rule => ({ rule: 0, label: type, type, settings });
const passed = (type: string, settings: Rule["settings"]) =>
  saidBy(rule(type, settings), { rule: 0, label: type, outcome: "passed" }, RUN, SKIPPED).because;

test("why a rule passed is what the router says, or follows from who is there", () => {
  const reason = "not tagged private";
  const said = saidBy(rule("tag", {}), { rule: 0, label: "tag", outcome: "passed", reason }, RUN, SKIPPED);
  equal(said.because, reason);
  equal(passed("prefix", { model_prefix: "gpt-", provider: "gone" }), "gone is skipped: GONE_KEY is not set");
  equal(passed("discover", { provider: "gone" }), "gone is skipped: GONE_KEY is not set");
  equal(passed("discover", { provider: "a" }), 'a does not list "gpt-5"');
  equal(passed("random", { providers: ["gone"] }), "none of its providers is there");
});

test("every outcome has its own sign and says where to, or why not", () => {
  const outcomes: Verdict[] = [
    { rule: 0, label: "x", outcome: "chosen", provider: "a", model: "m", reason: "stays: cache" },
    { rule: 0, label: "x", outcome: "passed" },
    { rule: 0, label: "x", outcome: "incapable", provider: "a", model: "m", reason: "no vision" },
    { rule: 0, label: "x", outcome: "not-asked" },
  ];
  const said = outcomes.map((verdict) => saidBy(rule("fallback", {}), verdict, RUN, SKIPPED));
  equal(new Set(said.map(({ sign }) => sign)).size, 4);
  deepEqual(
    said.map(({ because }) => because),
    [
      "a gets it as m; stays: cache",
      "none of its providers is there",
      "a has no vision for m",
      "a rule before it decided",
    ],
  );
});

test("the dry run in a sentence", () => {
  const targets = [{ provider: "a", model: "m", state: "closed" as const, hold_ms: 0, why: "the decision" }];
  equal(
    conclusion({ ...RUN, targets, verdicts: [{ rule: 2, label: "x", outcome: "chosen" }] }),
    "Rule 3 takes it: it goes to a as m.",
  );
  equal(conclusion({ ...RUN, targets }), "It goes to a as m.");
  equal(
    conclusion({ ...RUN, error: "no provider configured for model 'gpt-5'" }),
    "no provider configured for model 'gpt-5'",
  );
});

test("settings and fallbacks of a rule", () => {
  const settings = {
    provider: "a",
    quality_bias: 0.5,
    providers: ["a", "b"],
    fallbacks: [{ provider: "c", model: "m" }, { provider: "d" }, 7],
  };
  deepEqual(settingsOf({ settings }), [
    ["provider", "a"],
    ["quality_bias", "0.5"],
    ["providers", "a, b"],
  ]);
  deepEqual(fallbacksOf({ settings }), [
    { provider: "c", model: "m" },
    { provider: "d", model: undefined },
  ]);
  deepEqual(fallbacksOf({ settings: {} }), []);
  deepEqual(settingsOf({ settings: { tags: { x: ["a", "b"], y: [] }, deep: [{ a: 1 }] } }), [
    ["tags", "x: a, b; y: "],
    ["deep", '[{"a":1}]'],
  ]);
  deepEqual(settingsOf({ settings: { tags: { x: { entries: 2 }, y: { entries: 1 } } } }), [
    ["tags", "x: 2 entries; y: 1 entry"],
  ]);
});

test("every client's body has the prompt, and the model where it does not stand in the path, and tool and image when asked for", () => {
  for (const { name: client } of CLIENTS) {
    const trial = { client, model: "the-model", prompt: "the prompt", hasTool: false, hasImage: false };
    const plain = JSON.stringify(bodyOf(trial));
    equal(plain.includes("the-model"), client !== "gemini", client);
    ok(plain.includes("the prompt"), client);
    ok(!plain.includes("get_weather") && !plain.includes("iVBOR"), client);
    const full = JSON.stringify(bodyOf({ ...trial, hasTool: true, hasImage: true }));
    ok(full.includes("get_weather") && full.includes("iVBOR") && full.includes("the prompt"), client);
  }
});
