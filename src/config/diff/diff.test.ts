import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parse } from "smol-toml";
import { KINDS } from "../../cli/kinds.ts";
import { isObject, type Json, type JsonObject } from "../../core/json.ts";
import { RULE_KINDS } from "../../routing/rules/index.ts";
import type { Env } from "../check/providers.ts";
import { checkConfig } from "../check.ts";
import type { Side } from "./change.ts";
import { diffConfigs } from "./diff.ts";
import { matchRules, wholeRule } from "./match-rules.ts";
import { canonical, jsonOf } from "./values.ts";

const ENV = Object.fromEntries(
  ["ANTHROPIC", "GROQ", "OPENAI", "OPENROUTER", "ROUTER"].map((name) => [`${name}_API_KEY`, "set"]),
);

/** Undefined: the config is no good. */
function sideOf(raw: unknown, env: Env = ENV): Side | undefined {
  const { config } = checkConfig(raw, KINDS, env);
  const tools = { log: () => undefined, env };
  const labels = config?.routers.map(({ type, module: _, ...settings }) => {
    return RULE_KINDS.find(({ name }) => name === type)?.build(settings, tools).label ?? "?";
  });
  return config && labels && { config, kinds: KINDS, labels, env };
}

function side(toml: string, env?: Env): Side {
  const found = sideOf(parse(toml), env);
  ok(found, `no good: ${toml}`);
  return found;
}

const texts = (before: Side, after: Side) => diffConfigs(before, after).map(({ text }) => text);

const PROVIDERS = `
[[providers]]
name = "local"
preset = "ollama"
[[providers]]
name = "cloud"
preset = "openai"
cost_per_1m_tokens = 10
`;
const RULES: Readonly<Record<string, string>> = {
  gpt: 'type = "prefix"\nmodel_prefix = "gpt-"\nprovider = "cloud"',
  private: 'type = "tag"\ntag = "private"\nprovider = "local"',
  cheap: 'type = "price"\nmax_cost_per_1m_tokens = 5',
  o: 'type = "prefix"\nmodel_prefix = "o"\nprovider = "cloud"',
  rest: 'type = "fallback"',
};

/** A config with these rules: names of `RULES`, or what stands in one. */
function withRules(rules: readonly string[], more = ""): Side {
  return side([PROVIDERS, ...rules.map((rule) => `[[routers]]\n${RULES[rule] ?? rule}`), more].join("\n"));
}

describe("rules", () => {
  const all = ["gpt", "private", "cheap", "rest"];

  test("one that is gone: who gets its requests, and what it kept", () => {
    deepEqual(texts(withRules(all), withRules(["gpt", "cheap", "rest"])), [
      'what rule 2 (tag "private" → local) kept at local may go elsewhere now',
      'rule 2 (tag "private" → local) is gone: its requests go on to rule 3 (price up to 5 → cheapest of all)',
      "rules renumbered: 3 to 4 are 2 to 3 now",
    ]);
    deepEqual(texts(withRules(["gpt", "o"]), withRules(["gpt"])), [
      'rule 2 (prefix "o" → cloud) is gone: no rule comes after it, so what no rule before it takes is refused',
    ]);
  });

  test("one that moved, and what it is asked before now", () => {
    deepEqual(texts(withRules(["gpt", "o", "private", "rest"]), withRules(["gpt", "private", "o", "rest"])), [
      'rule 2 (prefix "o" → cloud) moved before rule 4 (fallback → best of all)',
      "rules renumbered: 3 is 2 now",
    ]);
    deepEqual(texts(withRules(["private", "gpt", "rest"]), withRules(["gpt", "private", "rest"])).slice(0, 1), [
      'rule 2 (prefix "gpt-" → cloud) is asked before rule 1 (tag "private" → local): what that kept at local may be taken by it',
    ]);
  });

  test("one that no request can reach any more, and one that can be reached again", () => {
    const [before, after] = [withRules(["gpt", "o", "rest"]), withRules(["gpt", "rest", "o"])];
    deepEqual(texts(before, after).slice(0, 1), [
      'rule 2 (prefix "o" → cloud) can not be reached: rule 3 (fallback → best of all) takes every request before',
    ]);
    deepEqual(texts(after, before).slice(0, 1), ['rule 3 (prefix "o" → cloud) can be reached now']);
  });

  test("edited ones are told key by key, wherever they stand now", () => {
    const edited = 'type = "tag"\ntag = "private"\nprovider = "cloud"\nfailover = "chain"';
    deepEqual(texts(withRules(["private", "gpt", "rest"]), withRules([edited, "gpt", "rest"])), [
      'what rule 1 (tag "private" → local) kept at local may go to cloud now',
      'when its provider fails, what rule 1 (tag "private" → local) kept goes on to the rules after it',
      'rule 1 (tag "private" → local): provider "local" → "cloud"',
      'rule 1 (tag "private" → local): failover = "chain" is new',
    ]);
    const bias = 'type = "fallback"\nquality_bias = 0.9';
    deepEqual(texts(withRules(["gpt", "o", "rest"]), withRules([bias, "gpt", "o"])).slice(1), [
      'rule 3 (fallback → best of all) moved before rule 1 (prefix "gpt-" → cloud)',
      "rule 3 (fallback → best of all): quality_bias 0.5 → 0.9",
      "rules renumbered: 1 to 2 are 2 to 3 now",
    ]);
    const other = 'type = "tag"\ntag = "secret"\nprovider = "local"';
    deepEqual(texts(withRules(["private", "rest"]), withRules([other, "rest"])), [
      'what rule 1 (tag "private" → local) kept at local may be taken by other rules now: it asks for something else',
      'rule 1 (tag "private" → local): tag "private" → "secret"',
    ]);
  });

  test("a scope for all rules, and a default that is spelt out", () => {
    deepEqual(texts(withRules(["private", "rest"]), withRules(["private", "rest"], '[failover]\nscope = "chain"')), [
      'when its provider fails, what rule 1 (tag "private" → local) kept goes on to the rules after it',
      "failed requests go on to the rules after theirs, unless their rule says otherwise",
      '[failover] scope "rule" → "chain"',
    ]);
    deepEqual(texts(withRules(["rest"]), withRules(['type = "fallback"\nquality_bias = 0.5'])), []);
  });
});

describe("providers and the rest", () => {
  const rest = '[[routers]]\ntype = "fallback"\n';
  const of = (providers: string, env?: Env) => side(`${providers}\n${rest}`, env);

  test("new, gone, renamed, edited, in another order", () => {
    const sim = '[[providers]]\nname = "sim"\nformat = "simulated"\n';
    deepEqual(texts(of(PROVIDERS), of(`${PROVIDERS}${sim}`)), ["provider sim is new (simulated)"]);
    deepEqual(texts(of(`${PROVIDERS}${sim}`), of(PROVIDERS)), ["provider sim is gone"]);
    deepEqual(texts(of(PROVIDERS), of(PROVIDERS.replace('"cloud"', '"sky"'))), ["provider cloud is called sky now"]);
    deepEqual(texts(of(PROVIDERS), of(PROVIDERS.replace("= 10", "= 12\ntimeout.idle_ms = 5"))), [
      "provider cloud: cost_per_1m_tokens 10 → 12",
      "provider cloud: timeout.idle_ms = 5 is new",
    ]);
    deepEqual(texts(of(`${PROVIDERS}${sim}`), of(`${sim}${PROVIDERS}`)), [
      "providers are in another order (of equals the first is taken): sim, local, cloud",
    ]);
  });

  test("a key that is missing, or there again", () => {
    deepEqual(texts(of(PROVIDERS), of(PROVIDERS, {})), ["provider cloud is skipped: OPENAI_API_KEY is not set"]);
    deepEqual(texts(of(PROVIDERS, {}), of(PROVIDERS)), ["provider cloud is not skipped any more"]);
  });

  test("a router that asks for no key any more", () => {
    const keyed = of(`[server]\nhost = "0.0.0.0"\napi_key_env = "ROUTER_API_KEY"\n${PROVIDERS}`);
    const open = of(`[server]\nhost = "0.0.0.0"\n${PROVIDERS}`);
    equal(texts(keyed, open)[0], "the router asks for no key any more: whoever can reach its port may use it");
  });

  test("a classifier that does not run any more, and the rules that go by tags", () => {
    const keyword = (enabled: boolean) =>
      `[classifiers.keyword]\nenabled = ${enabled}\n[classifiers.keyword.tags]\nprivate = ["salary"]`;
    deepEqual(texts(withRules(["private"], keyword(true)), withRules(["private"], keyword(false))), [
      "classifier keyword does not run any more: rules that go by tags may miss theirs (1)",
      "classifier keyword is not enabled any more",
    ]);
  });

  test("nothing that may be a secret is told", () => {
    const of = (secret: string) =>
      side(`[[providers]]
name = "a"
format = "openai"
base_url = "http://localhost:1"
proxy = "http://me:${secret.slice(3, 9)}@proxy:3128"
headers = { authorization = "${secret}", x-team = "${secret.slice(3)}" }
[[routers]]
type = "mine"
module = "./mine.ts"
word = "${secret}"
[classifiers.http]
enabled = true
url = "http://localhost:2/tags?token=${secret}"
[plugins.system-prompt]
enabled = true
[[plugins.system-prompt.rules]]
text = "the word is ${secret}"`);
    const found = texts(of("sk-aaaaaaaaaaaaaaaaaaaaaaaa"), of("sk-bbbbbbbbbbbbbbbbbbbbbbbb"));
    ok(!/aaaa|bbbb/.test(found.join("\n")), found.join("\n"));
    for (const key of [
      "headers.authorization changed",
      "headers.x-team changed",
      "proxy changed",
      "word changed",
      "url changed",
      "rules changed",
    ])
      ok(
        found.some((text) => text.endsWith(key)),
        `${key}: ${found.join("\n")}`,
      );
  });
});

describe("laws", () => {
  const folder = join(import.meta.dirname, "../../../test/configs");
  const sides = readdirSync(folder).map((file) => side(readFileSync(join(folder, file), "utf8")));

  test("nothing is different from itself, read again or with its defaults spelt out", () => {
    for (const one of sides) deepEqual(diffConfigs(one, sideOf(jsonOf(one.config)) ?? one), []);
  });

  test("every key that changes is told", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.boolean(), (which, place, isGone) => {
        const before = sides[which % sides.length];
        ok(before);
        const raw = jsonOf(before.config);
        const leaves = [...leavesOf(raw)];
        const leaf = leaves[place % leaves.length];
        ok(leaf);
        change(leaf, isGone);
        const after = sideOf(raw);
        // Some would make it a config that is not taken.
        if (after === undefined) return;
        const isSame = meaning(before) === meaning(after);
        (isSame ? equal : notEqual)(
          diffConfigs(before, after).length,
          0,
          `${leaf.path.join(".")}${isGone ? " gone" : ""}`,
        );
      }),
      { numRuns: 150 },
    );
  });

  test("each rule of either chain is told apart as the same, gone or new, and what stays is not told", () => {
    const chain = fc.array(fc.constantFrom(...Object.keys(RULES)), { maxLength: 8 });
    fc.assert(
      fc.property(chain, chain, (was, is) => {
        const rules = (names: readonly string[]) =>
          names.map((name) => wholeRule({ type: "", ...parse(RULES[name] ?? "") }, KINDS));
        const { pairs, removed, added } = matchRules(rules(was), rules(is));
        deepEqual([...removed, ...pairs.map(({ from }) => from)].toSorted(), [...was.keys()]);
        deepEqual([...added, ...pairs.map(({ to }) => to)].toSorted(), [...is.keys()]);
        const stayed = pairs.filter(({ isMoved }) => !isMoved);
        deepEqual(
          stayed.map(({ from }) => from),
          stayed.map(({ from }) => from).toSorted(),
        );
        const isSame = was.join() === is.join();
        equal(
          pairs.every(({ from, to, isMoved }) => from === to && !isMoved && was[from] === is[to]) &&
            removed.length + added.length === 0,
          isSame,
        );
      }),
      { numRuns: 200 },
    );
  });
});

/** What a config means: with the defaults of the kinds of its rules and stages. */
function meaning({ config }: Side): string {
  const rules = config.routers.map((rule) => wholeRule(rule, KINDS));
  const filled = { ...jsonOf(config), routers: rules };
  for (const [section, kinds] of [
    ["classifiers", KINDS.classifiers],
    ["response_classifiers", KINDS.responseClassifiers],
    ["plugins", KINDS.plugins],
  ] as const) {
    const stages = Object.entries(config[section]).map(([id, { enabled, module, ...stage }]) => {
      const { deadline_ms, on_error, sticky, ...own } = jsonOf(stage);
      const parsed = kinds.find(({ name }) => name === id)?.schema.safeParse(own);
      return [id, { enabled, module, deadline_ms, on_error, sticky, ...(parsed?.success ? parsed.data : own) }];
    });
    Object.assign(filled, { [section]: Object.fromEntries(stages) });
  }
  return canonical(jsonOf(filled));
}

interface Leaf {
  owner: JsonObject | Json[];
  key: string;
  path: string[];
}

function* leavesOf(owner: JsonObject | Json[], path: string[] = []): Generator<Leaf> {
  for (const [key, value] of Object.entries(owner)) {
    if (isObject(value) || Array.isArray(value)) yield* leavesOf(value, [...path, key]);
    else yield { owner, key, path: [...path, key] };
  }
}

function change({ owner, key }: Leaf, isGone: boolean): void {
  if (Array.isArray(owner)) {
    const place = Number(key);
    if (isGone) owner.splice(place, 1);
    else owner[place] = other(owner[place]);
  } else if (isGone) delete owner[key];
  else owner[key] = other(owner[key]);
}

function other(value: Json | undefined): Json {
  if (typeof value === "number") return value > 1 ? value - 1 : value / 2 + 0.25;
  return typeof value === "boolean" ? !value : `${value}x`;
}
