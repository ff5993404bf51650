import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parse } from "smol-toml";
import { type Cleanup, inProcess } from "../../../test/support/in-process.ts";
import { Foreign } from "../../cli/modules/foreign.ts";
import { buildRules } from "../../cli/parts.ts";
import { configSchema } from "../../config/config.ts";
import { asString, isObject, type JsonObject, objectsOf } from "../../core/json.ts";
import { seededRandom } from "../../core/seeded-random.ts";
import { Pricing } from "../../cost/pricing.ts";
import type { Plugin } from "../../plugins/plugin.ts";
import { buildFleet } from "../../upstream/build-fleet.ts";
import { PROVIDER_HALVES } from "../../wire/registry.ts";
import { Redecider } from "./redecide.ts";

const PROVIDERS = `
[failover]
scope = "chain"
max_attempts = 3
max_wait_ms = 0
[breaker]
consecutive_failures = 2
first_pause_s = 600
max_pause_s = 600
[routing]
explore = 0.5
[[providers]]
name = "a"
format = "simulated"
prices = { input = 1, output = 3 }
quality = 50
models = ["m", "n"]
capabilities = ["vision"]
[[providers]]
name = "b"
format = "simulated"
latency_ms = 300
throughput_tokens_per_sec = 50
prices = { input = 2, output = 2.5, cached_read = 0.2 }
quality = 60
error_rate = 0.6
errors = [500, 429]
seed = 3
[[providers]]
name = "c"
format = "simulated"
speaks = "anthropic"
cost_per_1m_tokens = 2.2
quality = 55
[[providers]]
name = "d"
format = "simulated"
latency_ms = 100
cost_per_1m_tokens = 2.2
quality = 55
`;
const RULES = [
  { type: "latency" },
  { type: "throughput", providers: ["b", "c"] },
  { type: "price", max_cost_per_1m_tokens: 2.4 },
  { type: "price" },
  { type: "fallback", quality_bias: 0.1 },
  { type: "cheapest-capable", min_quality: 52 },
  { type: "random" },
  { type: "discover", provider: "a" },
  { type: "prefix", model_prefix: "m", provider: "b" },
  { type: "context", targets: [{ provider: "c" }, { provider: "d" }] },
  {
    type: "weighted",
    targets: [
      { provider: "c", weight: 1 },
      { provider: "d", weight: 2 },
    ],
  },
];
const WHENS = [
  undefined,
  { header: { "x-team": "s*" } },
  { max_input_tokens: 20 },
  { needs: ["tools"] },
  { hours: "00:00-24:00", days: ["mon"] },
  { none: [{ client: "openai" }] },
];

function rulesToml(rules: readonly { at: number; when: number }[]): string {
  return rules
    .map(({ at, when }) => {
      const settings = { ...RULES[at], ...(WHENS[when] && { when: WHENS[when] }) };
      return `[[routers]]\n${Object.entries(settings)
        .map(([key, value]) => `${key} = ${inline(value)}`)
        .join("\n")}`;
    })
    .join("\n");
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, one]) => `"${key}" = ${inline(one)}`)
    .join(", ")} }`;
}

function redecider(toml: string): Redecider {
  const config = configSchema.parse(parse(toml));
  const log = () => undefined;
  const { fleet } = buildFleet(config.providers, { K: "k" }, PROVIDER_HALVES);
  const rules = buildRules(config, Foreign.NONE, { log, env: {} });
  return new Redecider({ config, rules, fleet, pricing: new Pricing(log) });
}

const forcing: Plugin = {
  id: "forcing",
  pre_request(exchange) {
    exchange.forcedProvider = ["c", { provider: "d", model: "n" }];
    return "modified";
  },
};

/** Chats with whatever rules may look at; conversations of several turns, some with tools called. */
function bodyOf(at: number): { body: string; headers: Record<string, string> } {
  const said = (role: string, content: string) => ({ role, content });
  const turns =
    at % 3 === 2 ? [said("user", "hi"), said("assistant", "hello"), said("user", "more")] : [said("user", "hi")];
  const tool = { type: "function", function: { name: "f", parameters: { type: "object" } } };
  const body: JsonObject = {
    model: at % 4 === 0 ? "n" : "m",
    stream: at % 2 === 0,
    messages: turns,
    ...(at % 5 < 2 && { tools: [tool] }),
    ...(at % 5 === 1 && { seed: at }),
    ...(at % 11 === 7 && { plugins: [{ id: "forcing" }] }),
  };
  if (at % 7 === 3) body["messages"] = [said("user", "a long prompt ".repeat(20))];
  return { body: JSON.stringify(body), headers: at % 3 === 0 ? {} : { "x-team": at % 3 === 1 ? "search" : "no" } };
}

async function recordsOf(t: Cleanup, toml: string, count: number, seed: number): Promise<JsonObject[]> {
  const plugins = [{ plugin: forcing, settings: {}, enabled: false }];
  const router = await inProcess(t, toml, { plugins, random: seededRandom(seed) });
  for (let at = 0; at < count; at++) {
    const response = await fetch(`${router.url}/v1/chat/completions`, { method: "POST", ...bodyOf(at) });
    await response.text();
  }
  const records: unknown = JSON.parse(JSON.stringify(await router.completed(count)));
  await router.close();
  return Array.isArray(records) ? records.filter(isObject) : [];
}

function agree(record: JsonObject, again: Redecider, toml: string): void {
  const made = again.redecide(record);
  const text = `${toml}\n${JSON.stringify(record, undefined, 1)}`;
  ok(made, text);
  deepEqual(JSON.parse(JSON.stringify(made.verdicts)), record["decision"], text);
  deepEqual([made.exact, made.unsure], [true, []], text);
  const [first] = objectsOf(record["attempts"]);
  if (first) deepEqual(made.place, { provider: first["provider"], model: first["model"] }, text);
  // Nothing is sent to one that asked for a pause, where there is nobody else.
  else equal(made.refusal?.code ?? "rate-limit", asString(record["outcome"]), text);
}

test("a decision of any rules is made again from its record: its words, and where it went", async (t) => {
  const rule = fc.record({
    at: fc.nat(RULES.length - 1),
    when: fc.nat(WHENS.length - 1),
  });
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(rule, { minLength: 1, maxLength: 4 }), fc.nat(), async (rules, seed) => {
      const toml = PROVIDERS + rulesToml(rules);
      const again = redecider(toml);
      for (const record of await recordsOf(t, toml, 24, seed)) {
        agree(record, again, toml);
        for (const key of Object.keys(isObject(record["routing"]) ? record["routing"] : {})) seen.add(key);
        if (JSON.stringify(record["decision"]).includes("to see how it does")) seen.add("explored");
      }
    }),
    {
      numRuns: 8,
      seed: 4711,
      examples: [
        [[{ at: 0, when: 0 }], 1],
        [
          [
            { at: 1, when: 0 },
            { at: 2, when: 2 },
          ],
          2,
        ],
      ],
    },
  );
  const missing = [
    "at_ms",
    "input_tokens",
    "headers",
    "forced",
    "affinity",
    "targets",
    "left_alone",
    "lossy",
    "explored",
  ];
  deepEqual(
    missing.filter((key) => !seen.has(key)),
    [],
    "the records have all there may be",
  );
});

test("what a record keeps out, or does not have, is named; another config decides otherwise", async (t) => {
  const rules = rulesToml([
    { at: 3, when: 1 },
    { at: 4, when: 0 },
  ]);
  const toml = `[logging]\ncontent = "none"\n${PROVIDERS}${rules}`;
  const [, hidden] = await recordsOf(t, toml, 2, 1);
  ok(hidden);
  const made = redecider(toml).redecide(hidden);
  deepEqual([made?.exact, made?.unsure.slice(0, 2)], [false, ["headers", "header x-team"]]);
  const [, record] = await recordsOf(t, PROVIDERS + rules, 2, 1);
  ok(record);
  const other = redecider(
    `${PROVIDERS}[[routers]]\ntype = "match"\nheader = { "x-other" = "*" }\nprovider = "d"\n${rules}`,
  );
  const moved = other.redecide(record);
  deepEqual([moved?.exact, moved?.unsure.includes("header x-other")], [false, true]);
  const { routing: _, ...old } = record;
  equal(other.redecide({ ...old, tags: [] })?.exact, false);
});
