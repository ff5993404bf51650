import type { Kinds, SettingsKind } from "../../config/kinds.ts";
import type { Path } from "../../config/positions.ts";
import type { Problem } from "../../config/problem.ts";
import { asArray, isObject, type JsonObject } from "../../core/json.ts";

export type Section = "plugins" | "classifiers" | "response_classifiers" | "routers";

/** A `module` key of a config. */
export interface NamedModule {
  section: Section;
  /** The id of a plugin or classifier, the type of a rule. */
  name: string;
  /** What the key says. */
  module: string;
  /** Of the key. */
  path: Path;
}

const STAGES = ["classifiers", "response_classifiers", "plugins"] as const;
const NAME = /^[a-z\d][\w.-]{0,63}$/i;

/** All modules a config names, in its order, each once; and what is wrong with their names. */
export function namedModules(config: JsonObject, kinds: Kinds): { named: NamedModule[]; problems: Problem[] } {
  const all = [...stagesOf(config), ...rulesOf(config)];
  const problems: Problem[] = [];
  const named: NamedModule[] = [];
  for (const one of all) {
    const wrong = wrongName(one, kinds, named);
    if (wrong !== undefined) problems.push({ severity: "error", path: one.path, message: wrong });
    else if (!named.some(({ section, name }) => section === one.section && name === one.name)) named.push(one);
  }
  return { named, problems };
}

function stagesOf(config: JsonObject): NamedModule[] {
  return STAGES.flatMap((section) => {
    const stages = config[section];
    if (!isObject(stages)) return [];
    return Object.entries(stages).flatMap(([name, stage]) => {
      const module = isObject(stage) ? stage["module"] : undefined;
      return typeof module === "string" && module !== ""
        ? [{ section, name, module, path: [section, name, "module"] }]
        : [];
    });
  });
}

function rulesOf(config: JsonObject): NamedModule[] {
  return (asArray(config["routers"]) ?? []).flatMap((rule, index) => {
    if (!isObject(rule)) return [];
    const { type, module } = rule;
    if (typeof type !== "string" || typeof module !== "string" || module === "") return [];
    return [{ section: "routers", name: type, module, path: ["routers", index, "module"] }];
  });
}

function wrongName({ section, name, module }: NamedModule, kinds: Kinds, before: readonly NamedModule[]) {
  if (builtIn(section, kinds).some((kind) => kind.name === name)) {
    return `${JSON.stringify(name)} is built in and needs no module: give yours another name`;
  }
  if (!NAME.test(name)) {
    return `${JSON.stringify(name)} is no name for it: up to 64 letters, digits, "-", "_" and ".", a letter or digit first`;
  }
  const other = before.find((one) => one.section === section && one.name === name && one.module !== module);
  return other && `the type ${JSON.stringify(name)} already comes from ${JSON.stringify(other.module)}`;
}

function builtIn(section: Section, kinds: Kinds): readonly SettingsKind[] {
  if (section === "routers") return kinds.rules;
  return section === "response_classifiers" ? kinds.responseClassifiers : kinds[section];
}
