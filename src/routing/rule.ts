import type { FailoverScope } from "../config/config.ts";
import type { Random } from "../core/clock.ts";
import type { ModelInfo } from "../core/model.ts";
import type { ClientFacts } from "../core/stage-tools.ts";
import type { Rewrite } from "../upstream/model-list.ts";
import type { Fleet, Provider } from "../upstream/provider.ts";
import type { TargetNumbers } from "./numbers.ts";

/** Where a request may go, and under which model name (before the provider's aliases). */
export interface Target {
  provider: Provider;
  model: string;
  /** Targets of one rule with the same rank are as good as each other to it; without one each stands alone. */
  rank?: number;
  /** Why it is offered first, where that is not plain. */
  why?: string;
  /** For failover: it is one of the `fallbacks` of the rule that decided, or another rule's, by its place. Absent: that rule's own. */
  by?: "fallbacks" | number;
}

/** What a model must be able to do for this request. */
export type Need = "vision" | "tools";

/** What rules may look at. */
export interface RoutingRequest {
  /** As the client sent it. */
  model: string;
  tags: ReadonlySet<string>;
  needs: readonly Need[];
  /** Who asks, and in which conversation; undefined: nobody in particular. */
  client?: ClientFacts | undefined;
  /** Of the whole prompt, estimated; undefined: not known. */
  readonly inputTokens?: number | undefined;
  /** Wall clock, ms since 1970. */
  wallMs: number;
  /** All draws for this request: from one seed, so that its decision can be made again. */
  random: Random;
  /** What is known of targets; undefined: what the config says. */
  numbers?: TargetNumbers | undefined;
  /** With this probability, rules that go by measured numbers offer another target than the best; undefined: never. Failover is no time for it. */
  explore?: number | undefined;
  /** The provider and the model (as sent) to stay with, where the rule that decides offers them; and why, in a word or two. */
  prefer?: { provider: string; model: string; why: string };
  /** Where its conversation was answered before; undefined: nowhere, or `[routing] sticky` is `off`. */
  readonly affinity?: Affinity | undefined;
  /** One of the client's headers, by its name in lower case; several values in one text. Undefined: it is not there. */
  header(name: string): string | undefined;
  /** What is known of a model there; undefined: nothing. */
  modelInfo(provider: Provider, model: string): ModelInfo | undefined;
}

/** What ties a conversation to a target. */
export interface Affinity {
  readonly provider: string;
  /** As it was sent. */
  readonly model: string;
  /** Tokens of this prompt that its cache is expected to hold; all of one that is shorter. */
  readonly cachedTokens: number;
  /** Of an answer there, lately. */
  readonly outputTokens: number;
  /** `[routing] sticky`: whether what another target would save may end it. */
  readonly sticky: "cache" | "conversation";
}

/** Says why a request is not meant; undefined: it is. */
export type Condition = (request: RoutingRequest) => string | undefined;

/**
 * One link of the chain. `candidates` yields targets, best first, lazily: the first one that is capable is the decision, the
 * rest is where failover may go. Yielding nothing passes the request on to the next rule.
 */
export interface Rule {
  readonly type: string;
  /** Its code is the owner's own: it may go by what no record holds. */
  readonly ofModule?: true;
  /** For decisions and logs: `prefix "gpt-" → cloud`. */
  readonly label: string;
  /** The models it sends of its own accord. */
  readonly rewrites?: readonly Rewrite[];
  candidates(request: RoutingRequest, fleet: Fleet): Iterable<Target>;
  /** Asked before: says why a request is none of its business. */
  readonly when?: Condition | undefined;
  /** Of a rule that compares: all it compares, those that are out included. For people; `candidates` goes by the same. */
  readonly weigh?: ((request: RoutingRequest, fleet: Fleet) => Weighed[]) | undefined;
  /** Where requests that failed may go, when this rule decided; undefined: as the config says for all. */
  readonly failover?: FailoverScope | undefined;
  /** Where they go when the candidates are used up. */
  readonly fallbacks?: readonly Fallback[] | undefined;
}

/** What a rule that compares makes of one target. */
export interface Weighed extends Target {
  /** The higher the better; undefined: it is out. */
  score?: number;
  /** Where that is from, or why it is out, for people. */
  note: string;
}

/** A target named outright; without a model it gets the one the rule sends, or the client's. */
export interface Fallback {
  readonly provider: string;
  readonly model?: string | undefined;
}
