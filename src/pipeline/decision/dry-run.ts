import type { ContentPolicy } from "../../config/config.ts";
import type { Conversations } from "../../conversation/conversations.ts";
import type { Clock } from "../../core/clock.ts";
import { RouterError } from "../../core/errors.ts";
import { estimateTokens } from "../../core/estimate/estimate.ts";
import type { Log } from "../../core/log.ts";
import type { Loss } from "../../core/loss.ts";
import { reportedUsage } from "../../core/usage.ts";
import { type Cost, NO_COST } from "../../cost/cost.ts";
import type { ExpectedTokens } from "../../cost/expected-cost.ts";
import type { Pricing } from "../../cost/pricing.ts";
import type { BreakerState } from "../../resilience/breaker.ts";
import { needsOf } from "../../routing/capability.ts";
import type { Verdict } from "../../routing/decision.ts";
import type { Known } from "../../routing/numbers.ts";
import type { Affinity, Need, RoutingRequest, Target } from "../../routing/rule.ts";
import { upstreamModel } from "../../upstream/provider.ts";
import type { Choice } from "../attempts/choose.ts";
import type { Targets } from "../attempts/targets.ts";
import { Exchange } from "../exchange.ts";
import type { Incoming } from "../incoming.ts";
import { activePlugins, type ConfiguredPlugin } from "../stages/active-plugins.ts";
import { type ClassificationParts, tagsOf } from "../stages/classification.ts";
import { type DecideParts, decide, measuredFor, routingOf } from "./decide.ts";
import type { RoutingFacts } from "./routing-facts.ts";

export interface DryRunParts extends DecideParts, ClassificationParts {
  conversations: Conversations;
  plugins: readonly ConfiguredPlugin[];
  pricing: Pricing;
  configVersion: number;
  contentPolicy: ContentPolicy;
  clock: Clock;
  log: Log;
}

/** What one rule said, and all that it compared, best first. */
export interface ExplainedVerdict extends Verdict {
  compared?: ComparedTarget[];
}

export interface ComparedTarget {
  provider: string;
  /** As it would be sent. */
  model: string;
  out: boolean;
  note: string;
  /** What the rule asked of it, where that is measured or reckoned. */
  numbers: { name: "latency_ms" | "tokens_per_sec" | "error_rate" | "cost_per_1m"; known: Known }[];
}

/** Where it would go, or failover would. */
export interface ExplainedTarget {
  provider: string;
  model: string;
  state: BreakerState;
  holdMs: number;
  /** For people: how it comes to be in this place. */
  why: string;
}

/** Where a request would go. */
export interface DryRun {
  requestedModel: string;
  tags: string[];
  /** Those that see the request before it is routed; they were not asked. */
  plugins: string[];
  /** Classifiers that would have asked somebody: their tags are not among `tags`. */
  unasked: string[];
  needs: Need[];
  verdicts: ExplainedVerdict[];
  targets: ExplainedTarget[];
  /** Why it could not be answered. */
  error: RouterError | undefined;
  losses: readonly Loss[];
  inputTokens: number;
  inputCost: Cost;
  /** Of prompt and answer, at the first target. */
  expected: { tokens: ExpectedTokens; cost: Cost } | undefined;
  /** Where its conversation was answered before. */
  affinity: Affinity | undefined;
  /** Where it has to stay, if the rule that decides has that among its own. */
  prefer: RoutingRequest["prefer"];
}

/**
 * The way of a request as far as its decision, by the very stages it would go through. Nothing is sent, so classifiers that
 * would ask somebody are left out; nobody is told, and nothing that is remembered is changed. Rejects with a `RouterError` when
 * the body cannot be read.
 */
export async function dryRun(read: () => Incoming, parts: DryRunParts): Promise<DryRun> {
  const { conversations } = parts;
  const exchange = conversations.quietly(
    () => new Exchange(read(), parts.clock, parts.configVersion, parts.contentPolicy),
  );
  const active = activePlugins(parts.plugins, exchange, () => undefined);
  const unasked = parts.classifiers.filter(({ classifier }) => classifier.asks);
  exchange.tags = await tagsOf(exchange.request, { client: exchange.client, gone: never }, quiet(parts));
  return conversations.quietly(() => {
    const { request } = exchange;
    const { choices, error } = choicesOf(exchange, parts);
    const [first] = choices;
    const inputTokens = estimateTokens(request, first?.target.provider.half.dialect);
    const facts = exchange.inputs?.facts ?? routingOf(exchange, parts);
    return {
      requestedModel: exchange.requestedModel,
      tags: [...exchange.tags],
      plugins: active.filter(({ plugin }) => plugin.on_start ?? plugin.pre_request).map(({ plugin }) => plugin.id),
      unasked: unasked.map(({ classifier }) => classifier.id),
      needs: needsOf(request),
      verdicts: explained(exchange, facts, parts),
      targets: choices.map((choice, at) => targetOf(choice, at, parts)),
      error,
      losses: first?.prepared.losses ?? [],
      inputTokens,
      inputCost: first ? inputCost(first, inputTokens, parts) : NO_COST,
      expected: first && expectedAt(first, exchange, facts, parts),
      affinity: facts.affinity,
      prefer: facts.prefer,
    };
  });
}

const never = () => new AbortController().signal;

/** What would ask somebody is left out, and tags are looked up, but not remembered. */
function quiet(parts: DryRunParts): ClassificationParts {
  const { tags } = parts.conversations;
  const get = (conversation: string, id: string) => parts.conversations.quietly(() => tags.get(conversation, id));
  const classifiers = parts.classifiers.filter(({ classifier }) => !classifier.asks);
  return { ...parts, classifiers, conversations: { tags: { get, set: () => undefined } } };
}

/** All that would be asked, one after the other, if each failed. */
function choicesOf(exchange: Exchange, parts: DryRunParts): { choices: Choice[]; error: RouterError | undefined } {
  try {
    // What a throw of dice would send elsewhere is no answer to where it would go.
    const { targets } = decide(exchange, { ...parts, measures: { ...parts.measures, explore: 0 } });
    return { choices: [...drawn(targets)], error: undefined };
  } catch (error) {
    if (error instanceof RouterError && error.code !== "internal") return { choices: [], error };
    throw error;
  }
}

function* drawn(targets: Targets): Generator<Choice> {
  for (let choice: Choice | undefined = targets.first(); choice; choice = targets.next()) yield choice;
}

function explained(exchange: Exchange, facts: RoutingFacts, { chain }: DryRunParts): ExplainedVerdict[] {
  return (exchange.decision?.verdicts ?? []).map((verdict) => {
    const weighed = verdict.outcome === "not-asked" ? undefined : chain.weigh(verdict.rule, facts);
    if (!weighed) return verdict;
    const compared = weighed.map(({ provider, model, score, note }): ComparedTarget => {
      const numbers = numbersOf(facts, { provider, model });
      return {
        provider: provider.name,
        model: upstreamModel(provider, model),
        out: score === undefined,
        note,
        numbers,
      };
    });
    return { ...verdict, compared };
  });
}

function numbersOf({ asked }: RoutingFacts, { provider, model }: Target): ComparedTarget["numbers"] {
  const seen = asked.targets?.of(provider, model);
  const all = [
    { name: "latency_ms" as const, known: seen?.latencyMs },
    { name: "tokens_per_sec" as const, known: seen?.tokensPerSec },
    { name: "error_rate" as const, known: seen?.errorRate },
    { name: "cost_per_1m" as const, known: seen?.costPer1M },
  ];
  return all.flatMap(({ name, known }) => (known ? [{ name, known }] : []));
}

function targetOf({ target, prepared }: Choice, at: number, { resilience, chain }: DryRunParts): ExplainedTarget {
  const { name } = target.provider;
  const model = prepared.sentModel;
  const { health } = resilience;
  const why = whyThere(target, at, chain.rules);
  return { provider: name, model, state: health.stateOf(name, model), holdMs: health.holdMs(name, model), why };
}

/** For people: how a target comes to be at this place of those that may be asked. */
export function whyThere({ by }: Target, at: number, rules: readonly { readonly label: string }[]): string {
  if (by === "fallbacks") return "a fallback of that rule";
  if (by !== undefined) return `rule ${by + 1}: ${rules[by]?.label}`;
  return at === 0 ? "the decision" : "the same rule";
}

function inputCost({ target, prepared }: Choice, tokens: number, { pricing, clock }: DryRunParts): Cost {
  return pricing.inputCost(target.provider, prepared.sentModel, tokens, clock.wallMs());
}

function expectedAt({ target, prepared }: Choice, exchange: Exchange, facts: RoutingFacts, parts: DryRunParts) {
  const { provider } = target;
  const { sentModel } = prepared;
  const tokens = measuredFor(exchange, facts, parts).tokensAt(provider, sentModel);
  const usage = reportedUsage({ input: tokens.input, output: tokens.output, cachedRead: tokens.cached });
  return { tokens, cost: parts.pricing.costOf(provider, sentModel, usage, parts.clock.wallMs()) };
}
