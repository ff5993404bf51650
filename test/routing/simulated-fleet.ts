import { configSchema, type ProviderConfig } from "../../src/config/config.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { seededRandom } from "../../src/core/seeded-random.ts";
import { type PriceList, priceList } from "../../src/cost/price-list.ts";
import type { Pricing } from "../../src/cost/pricing.ts";
import { MeasuredNumbers } from "../../src/pipeline/decision/measured-numbers.ts";
import { Resilience } from "../../src/resilience/resilience.ts";
import { Chain } from "../../src/routing/chain.ts";
import type { Affinity } from "../../src/routing/rule.ts";
import { RULE_KINDS } from "../../src/routing/rules/index.ts";
import { Fleet } from "../../src/upstream/provider.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { testProvider } from "../support/provider.ts";
import { routingRequest } from "../support/routing.ts";

/** How a provider does at a time, before chance has its part. */
export interface Member {
  config?: Partial<ProviderConfig>;
  latencyMs?(nowMs: number): number;
  tokensPerSec?(nowMs: number): number;
  /** 0 to 1. */
  failing?(nowMs: number): number;
  /** US$ for a million tokens, input and output alike. */
  price?(nowMs: number): number;
}

export interface Simulation {
  rule: JsonObject & { type: string };
  /** In the order of the file. */
  members: Readonly<Record<string, Member>>;
  requests: number;
  everyMs?: number;
  explore?: number;
  seed?: number;
  /** So many go on side by side, of 20 turns each; 0: each request stands alone. */
  conversations?: number;
}

export interface Chosen {
  atMs: number;
  name: string;
  explored: boolean;
  failed: boolean;
}

export interface Simulated {
  chosen: Chosen[];
  /** Without those that were to see how another does. */
  meant: Chosen[];
  /** A request went elsewhere than the one before it; of its conversation, where there are any. */
  switches: number;
}

const TURNS = 20;

/** One request after the other against one rule, which learns what comes of them. */
export function simulate({
  rule,
  members,
  requests,
  everyMs = 1_000,
  explore = 0.02,
  seed = 1,
  conversations = 0,
}: Simulation): Simulated {
  const clock = new FakeClock();
  const random = seededRandom(seed);
  const resilience = new Resilience(configSchema.parse({}), clock, () => undefined);
  const fleet = new Fleet(Object.entries(members).map(([name, { config }]) => testProvider({ ...config, name })));
  const prices = new Map(fleet.all().map((provider) => [provider.config, members[provider.name]?.price]));
  const pricing: Pick<Pricing, "listOf"> = {
    listOf: ({ config }, _model, wallMs) => flat([...prices].find(([own]) => own === config)?.[1]?.(wallMs)),
  };
  const chain = new Chain([built(rule)], fleet);
  const places = new Map<string, Affinity>();
  const last = new Map<string, string>();
  const chosen: Chosen[] = [];
  let switches = 0;
  for (let at = 0; at < requests; at++) {
    clock.advance(everyMs);
    const nowMs = clock.nowMs();
    const conversation = conversations === 0 ? "" : `${at % conversations}/${Math.floor(at / conversations / TURNS)}`;
    const request = routingRequest({
      explore,
      random,
      wallMs: nowMs,
      inputTokens: 2_000,
      affinity: places.get(conversation),
    });
    const about = { stream: true, bytes: 8_000, requestedModel: "m", maxOutputTokens: undefined, routing: request };
    request.numbers = new MeasuredNumbers({ resilience, pricing }, about);
    const { target } = chain.decide(request);
    if (!target) throw new Error("it went nowhere");
    const { name } = target.provider;
    const failed = observe(name, members[name] ?? {}, resilience, nowMs, random);
    const explored = target.why === "to see how it does";
    if (!explored) {
      if (last.has(conversation) && last.get(conversation) !== name) switches++;
      last.set(conversation, name);
    }
    if (conversation !== "" && !failed)
      places.set(conversation, { provider: name, model: "m", cachedTokens: 1_500, outputTokens: 300, sticky: "cache" });
    chosen.push({ atMs: nowMs, name, explored, failed });
  }
  return { chosen, meant: chosen.filter(({ explored }) => !explored), switches };
}

/** From a moment until the first request that goes to one, and is no experiment. */
export function secondsUntil({ meant }: Simulated, name: string, fromMs: number): number {
  const first = meant.find((one) => one.atMs > fromMs && one.name === name);
  return first ? (first.atMs - fromMs) / 1000 : Number.POSITIVE_INFINITY;
}

/** What the router sees of an answer. A third up or down, now and then three times as long: what answers of models are like. */
function observe(name: string, member: Member, resilience: Resilience, nowMs: number, random: () => number): boolean {
  const failed = random() < (member.failing?.(nowMs) ?? 0);
  resilience.errors.observe(name, "m", failed ? "overloaded" : "ok");
  const chance = (0.67 + 0.66 * random()) * (random() < 0.03 ? 3 : 1);
  if (failed) return true;
  const { firstToken, speed } = resilience.typical;
  if (member.latencyMs) firstToken.observe(name, "m", member.latencyMs(nowMs) * chance, 8_000);
  if (member.tokensPerSec) speed.observe(name, "m", member.tokensPerSec(nowMs) / chance, 8_000);
  return false;
}

function built({ type, ...settings }: Simulation["rule"]) {
  const kind = RULE_KINDS.find(({ name }) => name === type);
  if (!kind) throw new Error(`there is no rule ${type}`);
  return kind.build(settings, { log: () => undefined, env: {} });
}

function flat(price: number | undefined): PriceList | undefined {
  if (price === undefined) return undefined;
  const prices = { input: price, output: price, cachedRead: price, cacheWrite: price, cacheWriteLong: price };
  return priceList([{ above: 0, prices: { ...prices, source: "configured" } }]);
}
