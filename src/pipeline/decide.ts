import type { FailoverConfig, RoutingConfig } from "../config/config.ts";
import type { Conversations } from "../conversation/conversations.ts";
import type { Random } from "../core/clock.ts";
import { drawSeed, seededRandom } from "../core/seeded-random.ts";
import type { Resilience } from "../resilience/resilience.ts";
import { type Chain, needsOf } from "../routing/chain.ts";
import type { Target } from "../routing/rule.ts";
import type { Headers } from "../wire/format.ts";
import type { PrepareOptions } from "./attempts/prepare.ts";
import { Targets } from "./attempts/targets.ts";
import type { Exchange } from "./exchange.ts";
import { MeasuredNumbers } from "./measured-numbers.ts";
import { RoutingFacts } from "./routing-facts.ts";

export interface DecideParts {
  chain: Chain;
  conversations: Conversations;
  failover: FailoverConfig;
  resilience: Resilience;
  random: Random;
  /** Whether rules go by what was measured. */
  measures: RoutingConfig;
  /** Losses are refused, for every request; a request may ask for it too. */
  strict: boolean;
}

/** Where the exchange goes, and how requests to there are made. Throws `no_provider` when no rule takes it. */
export function decide(exchange: Exchange, parts: DecideParts): { targets: Targets; options: PrepareOptions } {
  const options = {
    strict: parts.strict || asksStrict(exchange.incoming.headers),
    reasoning: parts.conversations.reasoning,
  };
  const targets = new Targets(exchange, routingOf(exchange, parts), options, {
    chain: parts.chain,
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
  const { conversations, resilience, measures } = parts;
  const { reasoning, responses } = conversations;
  const { request } = exchange;
  const { tags, client, startedWallMs: wallMs } = exchange;
  const { model } = request;
  exchange.seed ??= drawSeed(parts.random);
  const routing = new RoutingFacts({
    model,
    tags,
    needs: needsOf(request),
    client,
    prompt: () => request,
    wallMs,
    random: seededRandom(exchange.seed),
  });
  if (measures.measured) {
    routing.numbers = new MeasuredNumbers(resilience, {
      stream: exchange.stream,
      bytes: exchange.incoming.prompt.raw.length,
    });
    routing.explore = measures.explore;
  }
  const pending = reasoning.pending(exchange, request);
  if (pending) routing.prefer = { ...pending, why: "reasoning pending" };
  else if (exchange.incoming.client.dialect === "openai-responses") {
    const keeper = responses.keeper(exchange, exchange.incoming.prompt.body);
    if (keeper) routing.prefer = { ...keeper, why: "it keeps the answer before" };
  }
  return routing;
}

/** `X-Router-Strict: 1`: a client that would rather have no answer than one to less than it asked. */
function asksStrict(headers: Headers): boolean {
  const value = headers["x-router-strict"];
  return value === "1" || value === "true";
}
