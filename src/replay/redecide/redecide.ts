import type { Config } from "../../config/config.ts";
import { decidingDigest } from "../../config/deciding.ts";
import { RouterError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Loss } from "../../core/loss.ts";
import type { Pricing } from "../../cost/pricing.ts";
import { type Choice, choose, isReported, type Lossy } from "../../pipeline/attempts/choose.ts";
import { HealthyFirst, type Holds } from "../../pipeline/attempts/targets.ts";
import { Chain } from "../../routing/chain.ts";
import type { Decision, Verdict } from "../../routing/decision.ts";
import type { TargetNumbers } from "../../routing/numbers.ts";
import type { Rule, Target, Weighed } from "../../routing/rule.ts";
import { Fleet, upstreamModel } from "../../upstream/provider.ts";
import { type Recorded, recordedIn } from "./recorded.ts";
import { type Moved, type Place, RecordedFacts } from "./recorded-facts.ts";
import { CarriedNumbers, RecordedNumbers } from "./recorded-numbers.ts";

/** By what requests are decided again. */
export interface DecidingParts {
  config: Config;
  /** Of the config, all of them. */
  rules: readonly Rule[];
  /** All providers of the config, whether or not their keys are there. */
  fleet: Fleet;
  pricing: Pick<Pricing, "listOf">;
}

/** What is known besides the record. */
export interface Besides {
  /** Where its conversation is, when that is not where it was. */
  moved?: Moved | undefined;
  /** What was measured around that time, for targets that are not on the record. */
  measured?: Pick<TargetNumbers, "latencyMs" | "tokensPerSec" | "errorRate"> | undefined;
  /** What a target that is not on the record would lose of the request; undefined: nothing is known. */
  losses?: ((place: Place) => readonly Loss[]) | undefined;
}

/** What is decided of a logged request. */
export interface Redecided {
  /** By the same of everything that decides: the decision of then, bit for bit. */
  exact: boolean;
  /** Undefined: it is refused. */
  place: Place | undefined;
  /** The label of the rule that decides; undefined: none takes it, or a plugin chose. */
  rule: string | undefined;
  verdicts: Verdict[];
  /** Where it would go when that fails, in order. */
  failover: Place[];
  /** Why it is refused. */
  refusal: RouterError | undefined;
  /** What was asked for and is not on the record, so that the decision may have been another: `header x-team`. */
  unsure: string[];
  /** Of each rule that was asked and compares: what it compared, best first. */
  weigh(rule: number): Weighed[] | undefined;
}

/** Decides logged requests again, from their records alone: nobody is asked, and no time passes. */
export class Redecider {
  /** Of what decides in the config. */
  readonly digest: string;
  readonly #parts: DecidingParts;
  /** By the providers that were left out. */
  readonly #chains = new Map<string, Chain>();

  constructor(parts: DecidingParts) {
    this.#parts = parts;
    this.digest = decidingDigest(parts.config);
  }

  /** `record`: a `complete` event. Undefined: rules had no say, as when a plugin answered. */
  redecide(record: JsonObject, besides: Besides = {}): Redecided | undefined {
    const recorded = recordedIn(record);
    const { routing } = recorded;
    if (!routing && record["provider"] === "plugin") return undefined;
    const isSame = routing?.config === this.digest;
    const unsure = new Set(isSame ? routing.incomplete : []);
    const facts = this.#factsOf(recorded, isSame, unsure, besides);
    const chain = this.#chainWithout(isSame ? routing.skipped : undefined);
    const lossy = (target: Target) => this.#lossyOf(target, recorded, isSame, besides);
    const { decision, choice, rest, refusal } = this.#decide(chain, facts, recorded, lossy);
    // What failover would ask besides makes the decision no less sure.
    const asked = [...unsure];
    return {
      exact: isSame && asked.length === 0,
      place: choice && placeOf(choice.target),
      rule: decision?.rule === undefined ? undefined : chain.rules[decision.rule]?.label,
      verdicts: decision?.verdicts ?? [],
      failover: rest ? drawn(rest, lossy) : [],
      refusal,
      unsure: asked,
      weigh: (rule) => chain.weigh(rule, this.#factsOf(recorded, isSame, new Set(), besides)),
    };
  }

  #factsOf(recorded: Recorded, isSame: boolean, unsure: Set<string>, { moved, measured }: Besides): RecordedFacts {
    const { config, pricing } = this.#parts;
    const facts = new RecordedFacts(recorded, unsure, moved);
    if (!config.routing.measured) return facts;
    const tell = (what: string) => void unsure.add(what);
    facts.numbers = isSame
      ? new RecordedNumbers(recorded)
      : new CarriedNumbers(recorded, facts, { pricing, measured, unsure: tell });
    facts.explore = config.routing.explore;
    return facts;
  }

  /** As `Targets` has it. */
  #decide(chain: Chain, facts: RecordedFacts, recorded: Recorded, lossy: (target: Target) => Lossy): Made {
    let decision: Decision | undefined;
    try {
      decision = chain.decide(facts, recorded.routing?.forced);
      if (!decision.target) {
        throw new RouterError("no_provider", `no provider configured for model '${facts.model}'`, { param: "model" });
      }
      const scope = chain.scopeOf(decision) ?? this.#parts.config.failover.scope;
      const holds = scope === "none" ? undefined : holdsIn(recorded);
      const candidates = new HealthyFirst(chain.walk(facts, decision, scope), holds);
      const choice = choose(decision, candidates, lossy);
      candidates.explain(decision);
      return { decision, choice, rest: scope === "none" ? undefined : candidates };
    } catch (error) {
      if (error instanceof RouterError) return { decision, refusal: error };
      throw error;
    }
  }

  #lossyOf(target: Target, { routing }: Recorded, isSame: boolean, { losses }: Besides): Lossy {
    const place = placeOf(target);
    const { strict } = this.#parts.config.translation;
    const logged = routing?.lossy?.find((one) => isSamePlace(one, place));
    if (logged) {
      const fields = logged.fields.map(reported);
      const refused = logged.refused.map(reported);
      return { losses: fields, refused: strict && !isSame ? [...fields, ...refused] : refused };
    }
    const told = losses?.(place) ?? [];
    return {
      losses: [...told],
      refused: told.filter((loss) => loss.class === "reject" || (strict && isReported(loss))),
    };
  }

  #chainWithout(skipped: readonly string[] = []): Chain {
    const key = skipped.join("\n");
    let chain = this.#chains.get(key);
    if (!chain) {
      const left = this.#parts.fleet.all().filter(({ name }) => !skipped.includes(name));
      chain = new Chain(this.#parts.rules, new Fleet(left, new Set(skipped)));
      this.#chains.set(key, chain);
    }
    return chain;
  }
}

interface Made {
  decision: Decision | undefined;
  choice?: Choice<Lossy>;
  /** Where failover may go. */
  rest?: HealthyFirst | undefined;
  refusal?: RouterError;
}

function drawn(candidates: HealthyFirst, lossy: (target: Target) => Lossy): Place[] {
  const places: Place[] = [];
  for (let next = candidates.next(); next; next = candidates.next()) {
    if (lossy(next).refused.length === 0) places.push(placeOf(next));
  }
  return places;
}

function isSamePlace(one: Place, other: Place): boolean {
  return one.provider === other.provider && one.model === other.model;
}

function placeOf({ provider, model }: Target): Place {
  return { provider: provider.name, model: upstreamModel(provider, model) };
}

/** Who is not on the record was well, or did not come into question. */
function holdsIn({ routing }: Recorded): Holds {
  const held = (provider: string, model: string) =>
    routing?.left_alone?.find((one) => isSamePlace(one, { provider, model }));
  return {
    admits: (provider, model) => held(provider, model) === undefined,
    holdMs: (provider, model) => held(provider, model)?.hold_ms ?? 0,
  };
}

function reported(field: string): Loss {
  return { field, treatment: "", class: "report" };
}
