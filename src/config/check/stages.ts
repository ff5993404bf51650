import { asArray, asObject, isObject, type Json, type JsonObject } from "../../core/json.ts";
import { classifierStageSchema, pluginStageSchema, responseClassifierStageSchema } from "../config.ts";
import type { Kinds, SettingsKind } from "../kinds.ts";
import type { Path } from "../positions.ts";
import type { Problem } from "../problem.ts";
import { allowedNames, error, problemsOf, warning } from "./explain.ts";
import type { ProviderNames } from "./providers.ts";

/** Rules: their kinds, the settings of each, the providers they name, and which no request can reach. */
export function checkRules(config: JsonObject, kinds: readonly SettingsKind[], providers: ProviderNames): Problem[] {
  const problems: Problem[] = [];
  const names = kinds.map((kind) => kind.name);
  const rules = asArray(config["routers"]) ?? [];
  const blocker = firstThatTakesAll(rules.map(asObject), kinds) ?? rules.length;
  for (const [index, rule] of rules.entries()) {
    if (!isObject(rule)) continue;
    const path: Path = ["routers", index];
    const { type, module, ...settings } = rule;
    if (index > blocker) problems.push(warning(path, `is never reached: routers[${blocker}] resolves every request`));
    if (typeof type !== "string") continue;
    const kind = kinds.find(({ name }) => name === type);
    if (kind === undefined) {
      // Who loads modules says what is wrong with this one.
      if (typeof module === "string") continue;
      problems.push(
        error([...path, "type"], `no rule has the type ${JSON.stringify(type)}, ${allowedNames(type, names)}`),
      );
      continue;
    }
    problems.push(
      ...checkSettings(kind, settings, path, module === undefined ? ["type"] : ["type", "module"], providers),
    );
    if (kind.keepsPrompts && settings["failover"] === undefined) problems.push(...checkScope(config, path, index));
  }
  if (config["routers"] === undefined) {
    problems.push(warning([], "there is no [[routers]] rule: every request will be refused"));
  }
  return problems;
}

/** A scope set for all rules lets prompts out of this one, perhaps unnoticed. */
function checkScope(config: JsonObject, path: Path, index: number): Problem[] {
  const isLast = index === (asArray(config["routers"])?.length ?? 0) - 1;
  const scope = isObject(config["failover"]) ? config["failover"]["scope"] : undefined;
  if (scope !== "chain" || isLast) return [];
  const message =
    'its requests go on to the rules after it when its provider fails, by [failover] scope = "chain": ' +
    'add failover = "rule" to keep them here, or failover = "chain" if that is meant';
  return [warning(path, message)];
}

/** Classifiers and plugins: each section's ID and settings. */
export function checkStages(config: JsonObject, kinds: Kinds, providers: ProviderNames): Problem[] {
  return [
    ...checkSection(config, "classifiers", kinds.classifiers, providers),
    ...checkSection(config, "response_classifiers", kinds.responseClassifiers, providers),
    ...checkSection(config, "plugins", kinds.plugins, providers),
  ];
}

/** The keys of a section that do not belong to its kind: checked with the config itself. */
export const COMMON_KEYS = {
  classifiers: Object.keys(classifierStageSchema.shape),
  response_classifiers: Object.keys(responseClassifierStageSchema.shape),
  plugins: Object.keys(pluginStageSchema.shape),
};

function checkSection(
  config: JsonObject,
  section: keyof typeof COMMON_KEYS,
  kinds: readonly SettingsKind[],
  providers: ProviderNames,
): Problem[] {
  const stages = config[section];
  if (!isObject(stages)) return [];
  const names = kinds.map((kind) => kind.name);
  const noun = section.slice(0, -1).replace("_", " ");
  return Object.entries(stages).flatMap(([id, stage]) => {
    const path: Path = [section, id];
    const kind = kinds.find(({ name }) => name === id);
    if (kind === undefined && isObject(stage) && typeof stage["module"] === "string") return [];
    if (kind === undefined)
      return [error(path, `no ${noun} is named ${JSON.stringify(id)}, ${allowedNames(id, names)}`)];
    if (!isObject(stage)) return [];
    const common = COMMON_KEYS[section];
    const own = Object.entries(stage).filter(([key]) => !common.includes(key));
    // What is built in has none: suggesting it would lead astray.
    const suggested = common.filter((key) => key !== "module" || Object.hasOwn(stage, key));
    return checkSettings(kind, Object.fromEntries(own), path, suggested, providers);
  });
}

function checkSettings(
  kind: SettingsKind,
  settings: JsonObject,
  path: Path,
  ownKeys: readonly string[],
  providers: ProviderNames,
): Problem[] {
  const named = (kind.providerPaths ?? []).flatMap((pattern) => [...valuesAt(settings, pattern)]);
  const problems = problemsOf(kind.schema, settings, path, ownKeys);
  const together = problems.length === 0 ? (kind.check?.(settings) ?? []) : [];
  return [
    ...problems,
    ...together.map((problem) => ({ ...problem, path: [...path, ...problem.path] })),
    ...named.flatMap(([place, name]) => checkReference(name, [...path, ...place], providers)),
  ];
}

function checkReference(name: Json, path: Path, { defined, skipped }: ProviderNames): Problem[] {
  if (typeof name !== "string") return [];
  if (!defined.includes(name)) {
    return [error(path, `no provider is named ${JSON.stringify(name)}, ${allowedNames(name, defined)}`)];
  }
  const variable = skipped.get(name);
  if (variable === undefined) return [];
  return [warning(path, `provider "${name}" is skipped for want of ${variable}: requests pass it by`)];
}

/** The first rule that takes every request shown to it: those after it are never asked. */
export function firstThatTakesAll(
  rules: readonly (JsonObject | undefined)[],
  kinds: readonly SettingsKind[],
): number | undefined {
  const place = rules.findIndex((rule) => rule !== undefined && takesAll(rule, kinds));
  return place === -1 ? undefined : place;
}

function takesAll({ type, module: _, ...settings }: JsonObject, kinds: readonly SettingsKind[]): boolean {
  const kind = kinds.find(({ name }) => name === type);
  return settings["when"] === undefined && kind?.resolvesAlways?.(settings) === true;
}

/** The values a pattern of keys leads to, `*` being every element or key. */
export function* valuesAt(
  value: Json | undefined,
  pattern: readonly string[],
  path: Path = [],
): Generator<[Path, Json]> {
  const [key, ...rest] = pattern;
  if (key === undefined) {
    if (value !== undefined) yield [path, value];
  } else if (Array.isArray(value)) {
    if (key === "*") for (const [index, item] of value.entries()) yield* valuesAt(item, rest, [...path, index]);
  } else if (isObject(value)) {
    for (const [name, item] of Object.entries(value)) {
      if (key === "*" || key === name) yield* valuesAt(item, rest, [...path, name]);
    }
  }
}
