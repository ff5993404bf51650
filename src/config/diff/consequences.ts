import { isLoopback } from "../../core/loopback.ts";
import { isSet, keySource } from "../check/providers.ts";
import { isFetched } from "../secrets/key-source.ts";
import { adminKey, clientKeys } from "../secrets/server-keys.ts";
import { type Chains, nameNow } from "./chains.ts";
import { type Change, consequence, type Side } from "./change.ts";
import type { Pair } from "./match-rules.ts";
import { differences } from "./values.ts";

/** What follows from the changes, as far as the configs alone show it: the gravest first. */
export function consequences(old: Side, now: Side, chains: Chains): Change[] {
  return [
    ...openDoors(old, now),
    ...leftRules(chains),
    ...passedRules(chains),
    ...scopes(old, now, chains),
    ...reach(chains),
    ...skipped(old, now),
    ...silentTags(old, now, chains),
  ].map(consequence);
}

function openDoors(old: Side, now: Side): string[] {
  const [was, is] = [old.config.server, now.config.server];
  const isOpen = clientKeys(is).length === 0;
  const texts: string[] = [];
  if (isOpen && clientKeys(was).length > 0)
    texts.push("the router asks for no key any more: whoever can reach its port may use it");
  else if (isOpen && isLoopback(was.host) && !isLoopback(is.host))
    texts.push(`the router listens on ${is.host} without a key: whoever can reach that may use it`);
  if (adminKey(was) && !adminKey(is))
    texts.push(
      `/router, /dashboard and /metrics need no admin key any more: ${isOpen ? "they are open" : "clients' keys open them"}`,
    );
  return texts;
}

/** Rules that kept prompts somewhere, and do not any more. */
function leftRules({ before, after, matching }: Chains): string[] {
  const gone = matching.removed
    .filter((index) => before.keepsPrompts(index) && before.isReached(index))
    .map((index) => `what ${before.named(index)} kept at ${listed(before.destinations(index))} may go elsewhere now`);
  const others = matching.pairs.flatMap(({ from, to }) => {
    if (!before.keepsPrompts(from) || !before.isReached(from)) return [];
    const [was, is] = [before.destinations(from), after.destinations(to)];
    const further = is === undefined ? undefined : [...is].filter((name) => was?.has(name) === false);
    const kept = `what ${before.named(from)} kept at ${listed(was)}`;
    const isForOthers = [...differences(before.rules[from], after.rules[to])].some(
      ({ path: [key = ""] }) => !SENDING_KEYS.has(key),
    );
    return [
      ...(further?.length === 0
        ? []
        : [`${kept} may go to ${further === undefined ? "any provider" : further.join(", ")} now`]),
      ...(isForOthers ? [`${kept} may be taken by other rules now: it asks for something else`] : []),
    ];
  });
  return [...gone, ...others];
}

/** Keys of a rule that do not say which requests it takes. */
const SENDING_KEYS = new Set(["provider", "rewrite_model", "failover", "fallbacks", "module"]);

/** Rules that came before such a rule, and may take its requests somewhere else. */
function passedRules(chains: Chains): string[] {
  const { before, after, matching } = chains;
  const from = new Map(matching.pairs.map((pair) => [pair.to, pair.from]));
  return matching.pairs.flatMap((pair) => {
    const kept = before.destinations(pair.from);
    if (!before.keepsPrompts(pair.from) || !before.isReached(pair.from)) return [];
    const passing = [...after.rules.keys()].slice(0, pair.to).filter((index) => {
      const wasBefore = (from.get(index) ?? Number.POSITIVE_INFINITY) < pair.from;
      const to = after.destinations(index);
      return !wasBefore && !(to && kept && [...to].every((name) => kept.has(name)));
    });
    return passing.map(
      (index) =>
        `${nameNow(chains, index)} is asked before ${before.named(pair.from)}: what that kept at ${listed(kept)} may be taken by it`,
    );
  });
}

function scopes(old: Side, now: Side, { before, after, matching }: Chains): string[] {
  const isLast = ({ to }: Pair) => to === after.rules.length - 1;
  const leaves = ({ from, to }: Pair) => before.scope(from) !== "chain" && after.scope(to) === "chain";
  const letOut = matching.pairs
    .filter((pair) => before.keepsPrompts(pair.from) && leaves(pair) && !isLast(pair))
    .map(({ from }) => `when its provider fails, what ${before.named(from)} kept goes on to the rules after it`);
  const [was, is] = [old.config.failover.scope, now.config.failover.scope];
  const words = {
    chain: "failed requests go on to the rules after theirs, unless their rule says otherwise",
    rule: "failed requests stay with what their rule has, unless it says otherwise",
    none: "failed requests go nowhere else, unless their rule says otherwise",
  };
  return was === is ? letOut : [...letOut, words[is]];
}

function reach(chains: Chains): string[] {
  const { before, after, matching } = chains;
  const from = new Map(matching.pairs.map((pair) => [pair.to, pair.from]));
  const wasReached = (index: number) => before.isReached(from.get(index) ?? 0);
  const all = [...after.rules.keys()];
  const name = (index: number) => nameNow(chains, index);
  const lost = all.filter((index) => !after.isReached(index) && wasReached(index)).map(name);
  const found = all.filter((index) => after.isReached(index) && !wasReached(index)).map(name);
  const { taker } = after;
  return [
    ...(lost.length > 0 && taker !== undefined
      ? [`${lost.join(", ")} can not be reached: ${name(taker)} takes every request before`]
      : []),
    ...(found.length > 0 ? [`${found.join(", ")} can be reached now`] : []),
  ];
}

function skipped(old: Side, now: Side): string[] {
  const was = missingKeys(old);
  const is = missingKeys(now);
  return [
    ...[...is]
      .filter(([name]) => !was.has(name))
      .map(([name, variable]) => `provider ${name} is skipped: ${variable} is not set`),
    ...[...was.keys()]
      .filter((name) => !is.has(name) && now.config.providers.some((provider) => provider.name === name))
      .map((name) => `provider ${name} is not skipped any more`),
  ];
}

/** Providers that are left out → the variable their key is missing from. */
function missingKeys({ config, kinds, env }: Side): Map<string, string> {
  const missing = new Map<string, string>();
  for (const provider of config.providers) {
    const source = keySource(provider, kinds.presets);
    // What would have to be fetched is not looked at.
    if (source !== undefined && !isFetched(source) && !isSet(env, source)) missing.set(provider.name, source);
  }
  return missing;
}

/** Rules that go by tags, where a classifier that may have set them does not run any more. */
function silentTags(old: Side, now: Side, { after }: Chains): string[] {
  const byTag = [...after.rules.entries()].filter(([, rule]) => JSON.stringify(rule).includes('"tag":'));
  const numbers = byTag.map(([index]) => index + 1);
  if (numbers.length === 0) return [];
  return Object.entries(old.config.classifiers)
    .filter(([id, { enabled }]) => enabled && now.config.classifiers[id]?.enabled !== true)
    .map(
      ([id]) => `classifier ${id} does not run any more: rules that go by tags may miss theirs (${numbers.join(", ")})`,
    );
}

function listed(names: ReadonlySet<string> | undefined): string {
  return names === undefined ? "any provider" : [...names].join(", ");
}
