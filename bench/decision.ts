import { loadavg } from "node:os";
import { getHeapStatistics } from "node:v8";
import { configSchema } from "../src/config/config.ts";
import { Conversations } from "../src/conversation/conversations.ts";
import { systemClock } from "../src/core/clock.ts";
import type { JsonObject } from "../src/core/json.ts";
import { seededRandom } from "../src/core/seeded-random.ts";
import { NO_USAGE } from "../src/core/usage.ts";
import { Pricing } from "../src/cost/pricing.ts";
import { HealthyFirst } from "../src/pipeline/attempts/targets.ts";
import { type DecideParts, routingOf } from "../src/pipeline/decision/decide.ts";
import { Exchange } from "../src/pipeline/exchange.ts";
import { Prompt } from "../src/pipeline/prompt.ts";
import { Resilience } from "../src/resilience/resilience.ts";
import { Chain } from "../src/routing/chain.ts";
import { RULE_KINDS } from "../src/routing/rules/index.ts";
import { Fleet, type Provider } from "../src/upstream/provider.ts";
import { openaiClient } from "../src/wire/openai/client.ts";
import { testProvider } from "../test/support/provider.ts";

// What it takes to decide where one request goes, with 50 providers and 30 rules: what rules may look at is put together, the
// chain is asked, and the first target is drawn that is not left alone. `node bench/decision.ts [NAME]`: only the cases whose name
// holds it. Of each figure that of the best round is shown. docs/performance.md has them.

const PROVIDERS = 50;
const PASSING = 29;
const ROUNDS = 6;
/** In a round. */
const DECISIONS = 5_000;

const only = process.argv[2] ?? "";
const random = seededRandom(7);
const config = configSchema.parse({});
const fleet = new Fleet(Array.from({ length: PROVIDERS }, (_, at) => provider(at)));
/** Those with prices of their own for input, output and cache: what a request will cost depends on it. */
const pricedFleet = new Fleet(fleet.all().map(priced));
const pricing = new Pricing(() => undefined);
const resilience = new Resilience(config, systemClock, () => undefined);
const conversations = new Conversations(config.conversations, systemClock);

function provider(at: number) {
  const capabilities = new Set(["completion", "tools", "vision"]);
  return testProvider(
    {
      name: `provider-${at}`,
      quality: 50 + (at % 40),
      cost_per_1m_tokens: 1 + ((at * 7) % 50),
      latency_ms: 200 + ((at * 13) % 50) * 20,
      throughput_tokens_per_sec: 20 + ((at * 11) % 50),
    },
    { models: [{ id: "some-model", capabilities, contextLength: 128_000 }], aliases: { short: "some-model" } },
  );
}

function priced(provider: Provider): Provider {
  const { cost_per_1m_tokens: flat = 0, ...config } = provider.config;
  return { ...provider, config: { ...config, prices: { input: flat, output: 5 * flat, cached_read: flat / 10 } } };
}

/** Samples of every provider, as after a busy quarter of an hour. */
function measure(): void {
  for (const { name } of fleet.all()) {
    for (let sample = 0; sample < 128; sample++) {
      for (const typicals of Object.values(resilience.typical))
        typicals.observe(name, "some-model", 100 + 900 * random(), 2_000);
      resilience.health.sent(name, "some-model");
      resilience.health.succeeded(name, "some-model");
    }
  }
}

/** Rules that a request passes by, of the kinds most configs begin with. */
const PASSED: readonly JsonObject[] = Array.from({ length: PASSING }, (_, at): JsonObject => {
  const to = `provider-${at}`;
  if (at % 4 === 0) return { type: "tag", tag: `tag-${at}`, provider: to };
  if (at % 4 === 1) return { type: "client", agent: ["aider*", `agent-${at}`], provider: to };
  if (at % 4 === 2) return { type: "prefix", model_prefix: `family-${at}`, provider: to, rewrite_model: "other" };
  return { type: "match", any: [{ model: `gpt-${at}*` }, { tag: ["private", `tag-${at}`] }], provider: to };
});
const WHEN = {
  none: [{ tag: "private" }, { header: { "x-team": "interns" } }],
  any: [{ agent: "codex*" }, { needs: ["vision"] }, { max_input_tokens: 60_000 }],
};
const TARGETS = Array.from({ length: 10 }, (_, at) => ({ provider: `provider-${at}`, model: "some-model" }));
const SHARES = TARGETS.map((target) => ({ ...target, weight: 1 }));

interface Case {
  name: string;
  rule: JsonObject;
  tools?: boolean;
  measured?: boolean;
  conditions?: boolean;
  prices?: boolean;
  /** It goes on with a conversation that was answered before. */
  goesOn?: boolean;
}

const CASES: readonly Case[] = [
  { name: "prefix", rule: { type: "prefix", model_prefix: "some", provider: "provider-3" } },
  { name: "price", rule: { type: "price" } },
  { name: "price, of input and output", rule: { type: "price" }, prices: true },
  { name: "latency", rule: { type: "latency" } },
  { name: "latency, measured = false", rule: { type: "latency" }, measured: false },
  { name: "throughput", rule: { type: "throughput" } },
  { name: "fallback", rule: { type: "fallback" } },
  { name: "fallback, with tools", rule: { type: "fallback" }, tools: true },
  { name: "fallback, in a conversation", rule: { type: "fallback" }, goesOn: true },
  { name: "fallback, each rule with conditions", rule: { type: "fallback" }, conditions: true },
  { name: "cheapest-capable", rule: { type: "cheapest-capable", min_quality: 60 } },
  { name: "discover", rule: { type: "discover", provider: "provider-9" } },
  { name: "random", rule: { type: "random" } },
  { name: "weighted, of 10", rule: { type: "weighted", targets: SHARES } },
  { name: "context, of 10", rule: { type: "context", targets: TARGETS } },
  { name: "alias, of 10", rule: { type: "alias", alias: "some-model", targets: TARGETS } },
];

function chainOf({ rule, conditions = false, prices = false }: Case): Chain {
  const rules = [...PASSED, rule].map((settings) => {
    const kind = RULE_KINDS.find(({ name }) => name === settings["type"]);
    if (!kind) throw new Error(`no rule ${settings["type"]}`);
    const { type: _, ...rest } = settings;
    return kind.build(conditions ? { ...rest, when: WHEN } : rest, { log: () => undefined, env: {} });
  });
  return new Chain(rules, prices ? pricedFleet : fleet);
}

/** One turn of an agent's, some 2 KB. */
function promptOf({ tools = false, goesOn = false }: Case): Prompt {
  const declared = { type: "function", function: { name: "read", parameters: { type: "object", properties: {} } } };
  const body: JsonObject = {
    model: "some-model",
    stream: true,
    messages: [
      { role: "system", content: "You are a careful assistant. ".repeat(30) },
      { role: "user", content: "What does this function do, and where is it called? ".repeat(20) },
      ...(goesOn
        ? [
            { role: "assistant", content: "It reads." },
            { role: "user", content: "And then?" },
          ]
        : []),
    ],
    ...(tools && { tools: [declared] }),
  };
  return new Prompt(openaiClient, {}, Buffer.from(JSON.stringify(body)), body);
}

function measured(one: Case): Record<string, string | number> {
  const parts: DecideParts = {
    chain: chainOf(one),
    conversations,
    failover: config.failover,
    resilience,
    pricing,
    random,
    measures: { ...config.routing, measured: one.measured ?? true },
    strict: false,
    deciding: { digest: "", skipped: new Set() },
  };
  const prompt = promptOf(one);
  const headers = { "user-agent": "codex/1.0", "x-team": "search" };
  const exchange = (): Exchange =>
    new Exchange({ id: "1", client: openaiClient, headers, path: "", query: "", prompt }, systemClock, 1, "none");

  const decide = (from: Exchange): void => {
    const routing = routingOf(from, parts);
    const decision = parts.chain.decide(routing, from.forcedProviders);
    const walk = parts.chain.walk(routing, decision, parts.failover.scope);
    if (!new HealthyFirst(walk, resilience.health).next()) throw new Error("it went nowhere");
  };

  if (one.goesOn) {
    const usage = { ...NO_USAGE, input: 600, output: 200, cachedRead: 400 };
    const origin = { provider: "provider-7", model: "some-model" };
    conversations.affinity.remember(exchange().client.conversation, origin, usage, systemClock.wallMs());
  }
  const round = (): Float64Array => {
    const times = new Float64Array(DECISIONS);
    for (let at = 0; at < DECISIONS; at++) {
      const from = exchange();
      const began = performance.now();
      decide(from);
      times[at] = (performance.now() - began) * 1000;
    }
    return times.sort();
  };
  round();
  const rounds = Array.from({ length: ROUNDS }, round);
  const exchanges = Array.from({ length: 1_000 }, exchange);
  const before = getHeapStatistics().total_allocated_bytes;
  for (const from of exchanges) decide(from);
  const bytes = (getHeapStatistics().total_allocated_bytes - before) / exchanges.length;
  const at = (share: number) =>
    Number(Math.min(...rounds.map((times) => times[Math.floor(DECISIONS * share)] ?? 0)).toFixed(1));
  return { case: one.name, "p50 µs": at(0.5), "p99 µs": at(0.99), "KB each": Number((bytes / 1024).toFixed(1)) };
}

measure();
process.stdout.write(
  `node ${process.version}, load ${loadavg()[0]?.toFixed(1)}, ${PROVIDERS} providers, ${PASSING + 1} rules\n`,
);
console.table(CASES.filter(({ name }) => name.includes(only)).map(measured));
