import type { FailoverConfig, RoutingConfig } from "../../config/config.ts";
import type { LastAnswer } from "../../conversation/affinity.ts";
import type { Conversations } from "../../conversation/conversations.ts";
import type { Random } from "../../core/clock.ts";
import { drawSeed, seededRandom } from "../../core/seeded-random.ts";
import type { Pricing } from "../../cost/pricing.ts";
import type { Resilience } from "../../resilience/resilience.ts";
import { needsOf } from "../../routing/capability.ts";
import type { Chain } from "../../routing/chain.ts";
import type { RoutingRequest, Target } from "../../routing/rule.ts";
import type { Headers } from "../../wire/format.ts";
import type { PrepareOptions } from "../attempts/prepare.ts";
import { Targets } from "../attempts/targets.ts";
import type { Exchange } from "../exchange.ts";
import type { Deciding, DecisionInputs } from "./decision-inputs.ts";
import { MeasuredNumbers, type MeasuredParts } from "./measured-numbers.ts";
import { RoutingFacts } from "./routing-facts.ts";

export interface DecideParts {
  chain: Chain;
  conversations: Conversations;
  failover: FailoverConfig;
  resilience: Resilience;
  pricing: Pricing;
  random: Random;
  /** Whether rules go by what was measured. */
  measures: RoutingConfig;
  /** Written down with each decision. */
  deciding: Deciding;
  /** Losses are refused, for every request; a request may ask for it too. */
  strict: boolean;
}

/** Where the exchange goes, and how requests to there are made. Throws `no_provider` when no rule takes it. */
export function decide(exchange: Exchange, parts: DecideParts): { targets: Targets; options: PrepareOptions } {
  const options = {
    strict: parts.strict || asksStrict(exchange.incoming.headers),
    reasoning: parts.conversations.reasoning,
  };
  const { deciding, chain } = parts;
  const facts = routingOf(exchange, parts);
  const inputs: DecisionInputs = { deciding, rules: chain.rules, facts, leftAlone: undefined, lossy: undefined };
  exchange.inputs = inputs;
  const targets = new Targets(exchange, inputs, options, {
    chain,
    health: parts.resilience.health,
    scope: parts.failover.scope,
  });
  return { targets, options };
}

/** Where it may go as it stands, best first, failover included. Nothing is decided by asking. Throws `no_provider`. */
export function reachable(exchange: Exchange, parts: DecideParts): Target[] {
  const { chain, conversations, failover } = parts;
  return conversations.quietly(() => {
    const routing = routingOf(exchange, parts);
    const decision = chain.decide(routing, exchange.forcedProviders);
    return [...chain.walk(routing, decision, chain.scopeOf(decision) ?? failover.scope)];
  });
}

/** What rules may look at of it. */
export function routingOf(exchange: Exchange, parts: DecideParts): RoutingFacts {
  const { conversations, measures } = parts;
  const { request } = exchange;
  const { tags, client, startedWallMs: wallMs } = exchange;
  const { model } = request;
  exchange.seed ??= drawSeed(parts.random);
  const { sticky } = measures;
  if (parts.chain.hasChoice) exchange.lastAnswer = lastAnswer(exchange, conversations);
  const routing = new RoutingFacts({
    model,
    tags,
    needs: needsOf(request),
    client,
    // Not the request itself, which is let go.
    prompt: () => exchange.request,
    wallMs,
    random: seededRandom(exchange.seed),
    affinity: sticky !== "off" && exchange.lastAnswer ? { ...exchange.lastAnswer, sticky } : undefined,
  });
  if (measures.measured) {
    routing.numbers = measuredFor(exchange, routing, parts);
    routing.explore = measures.explore;
  }
  const stays = whereToStay(exchange, parts);
  if (stays) routing.prefer = stays;
  return routing;
}

export function measuredFor(exchange: Exchange, routing: RoutingFacts, parts: MeasuredParts): MeasuredNumbers {
  return new MeasuredNumbers(parts, {
    stream: exchange.stream,
    bytes: exchange.incoming.prompt.raw.length,
    routing,
    requestedModel: exchange.requestedModel,
    maxOutputTokens: exchange.request.maxOutputTokens,
  });
}

/** Who answered its conversation last. What begins one has nothing to go on from. */
function lastAnswer(exchange: Exchange, { affinity }: Conversations): LastAnswer | undefined {
  // Settling needs it too, when the prompt may have been let go.
  const { conversation } = exchange.client;
  const goesOn = exchange.request.messages.some(({ role }) => role === "assistant" || role === "tool");
  return goesOn ? affinity.of(conversation, exchange.startedWallMs) : undefined;
}

/** Where it must stay, whatever rules would prefer: who else cannot go on, or would do so in the middle of a step. */
function whereToStay(exchange: Exchange, { conversations, chain }: DecideParts): RoutingRequest["prefer"] {
  const { reasoning, responses, toolLoops } = conversations;
  const { request, client, lastAnswer } = exchange;
  const pending = reasoning.pending(exchange, request);
  if (pending) return { ...pending, why: "reasoning pending" };
  if (exchange.incoming.client.dialect === "openai-responses") {
    const keeper = responses.keeper(exchange, exchange.incoming.prompt.body);
    if (keeper) return { ...keeper, why: "it keeps the answer before" };
  }
  const maker = chain.hasChoice && toolLoops.maker(exchange, client.conversation, request, lastAnswer);
  return maker ? { provider: maker.provider, model: maker.model, why: "a tool call's result" } : undefined;
}

/** `X-Router-Strict: 1`: a client that would rather have no answer than one to less than it asked. */
function asksStrict(headers: Headers): boolean {
  const value = headers["x-router-strict"];
  return value === "1" || value === "true";
}
