import type { Json, JsonObject } from "../../core/json.ts";
import { firstThatTakesAll, valuesAt } from "../check/stages.ts";
import type { SettingsKind } from "../kinds.ts";
import type { Side } from "./change.ts";
import { type Matching, matchRules, wholeRule } from "./match-rules.ts";

/** The rules of one config, as they are compared and told of. */
export class ComparedChain {
  readonly rules: readonly JsonObject[];
  readonly #side: Side;
  readonly #lastReached: number;

  constructor(side: Side) {
    this.#side = side;
    this.rules = side.config.routers.map((rule) => wholeRule(rule, side.kinds));
    this.#lastReached = firstThatTakesAll(this.rules, side.kinds.rules) ?? Number.POSITIVE_INFINITY;
  }

  /** `rule 2 (tag "private" → local)`. */
  named(index: number): string {
    return `rule ${index + 1} (${this.#side.labels[index] ?? this.rules[index]?.["type"]})`;
  }

  isReached(index: number): boolean {
    return index <= this.#lastReached;
  }

  /** The rule that takes everything; undefined: there is none. */
  get taker(): number | undefined {
    return Number.isFinite(this.#lastReached) ? this.#lastReached : undefined;
  }

  isForeign(index: number): boolean {
    return this.rules[index]?.["module"] !== undefined;
  }

  /** It may be there to keep prompts where it sends them. */
  keepsPrompts(index: number): boolean {
    return this.#kind(index)?.keepsPrompts === true;
  }

  /** Where a rule may send requests, as long as its scope does not let them out; undefined: to any provider. */
  destinations(index: number): ReadonlySet<string> | undefined {
    const rule = this.rules[index];
    const paths = this.#kind(index)?.providerPaths ?? [];
    const names = paths.flatMap((path) => [...valuesAt(rule, path)].map(([, name]) => name)).filter(isText);
    const own = paths.filter((path) => path[0] !== "fallbacks");
    const hasOwn = own.some((path) => [...valuesAt(rule, path)].length > 0);
    return hasOwn ? new Set(names) : undefined;
  }

  /** Where a failed request of the rule may go. */
  scope(index: number): string {
    const own = this.rules[index]?.["failover"];
    return typeof own === "string" ? own : this.#side.config.failover.scope;
  }

  #kind(index: number): SettingsKind | undefined {
    return this.#side.kinds.rules.find(({ name }) => name === this.rules[index]?.["type"]);
  }
}

export interface Chains {
  readonly before: ComparedChain;
  readonly after: ComparedChain;
  readonly matching: Matching;
}

export function compareChains(old: Side, now: Side): Chains {
  const [before, after] = [new ComparedChain(old), new ComparedChain(now)];
  return { before, after, matching: matchRules(before.rules, after.rules) };
}

/** A rule of the new chain: by its old number, where it had one. */
export function nameNow({ matching, before, after }: Chains, index: number): string {
  const pair = matching.pairs.find(({ to }) => to === index);
  return pair === undefined ? `new ${after.named(index)}` : before.named(pair.from);
}

function isText(value: Json): value is string {
  return typeof value === "string";
}
