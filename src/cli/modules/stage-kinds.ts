import {
  type Classifier,
  type ClassifierKind,
  defineClassifier,
  type ResponseClassifier,
} from "../../classify/classifier.ts";
import { definePlugin, type PluginKind } from "../../plugins/define.ts";
import type { PluginHooks } from "../../plugins/module.ts";
import { HOOKS } from "../../plugins/plugin.ts";
import { type Looked, looked, maker, type Shape } from "./exported.ts";
import { ModuleFault } from "./fault.ts";
import { creating, type Origin, toolsOf } from "./origin.ts";
import { providerPaths, settingsSchema, stringsOf } from "./settings.ts";

const SETTINGS = ["settings", "providers"];
const PLUGIN: Shape = { functions: [...HOOKS, "stream", "close"] };
const CLASSIFIER: Shape = { functions: ["classify", "close"], values: ["asks"] };
const RESPONSE_CLASSIFIER: Shape = { functions: ["classify", "close"] };

/** The plugin that a module exports, as the registry knows plugins. Throws `ModuleFault` for what is none. */
export function pluginKind(exported: unknown, origin: Origin): PluginKind {
  const module = exportOf(exported, PLUGIN, [...SETTINGS, "requestSettings", "ownerOnly", "deadlineMs"]);
  const make = maker(module, PLUGIN);
  return definePlugin({
    ...commonOf(module, origin),
    requestSchema: settingsSchema(module.value("requestSettings"), "requestSettings"),
    ownerOnly: stringsOf(module.value("ownerOnly"), "ownerOnly"),
    ...deadlineOf(module.value("deadlineMs")),
    create(settings, tools) {
      const { methods } = creating(origin, () => make(settings, toolsOf(origin, tools)));
      // What hooks return is looked at each time.
      return Object.fromEntries(methods) as PluginHooks<Record<string, unknown>>;
    },
  });
}

/** A classifier of requests, likewise. */
export function classifierKind(exported: unknown, origin: Origin): ClassifierKind<Classifier> {
  const module = exportOf(exported, CLASSIFIER, SETTINGS);
  const make = maker(module, CLASSIFIER);
  return defineClassifier({
    ...commonOf(module, origin),
    create(settings, tools): Classifier {
      const made = creating(origin, () => make(settings, toolsOf(origin, tools)));
      const classifier = Object.fromEntries(made.methods) as Pick<Classifier, "classify">;
      return { ...classifier, id: origin.name, asks: made.value("asks") === true };
    },
  });
}

/** A classifier of answers, likewise. */
export function responseClassifierKind(exported: unknown, origin: Origin): ClassifierKind<ResponseClassifier> {
  const module = exportOf(exported, RESPONSE_CLASSIFIER, SETTINGS);
  const make = maker(module, RESPONSE_CLASSIFIER);
  return defineClassifier({
    ...commonOf(module, origin),
    create(settings, tools): ResponseClassifier {
      const { methods } = creating(origin, () => make(settings, toolsOf(origin, tools)));
      return { ...(Object.fromEntries(methods) as Pick<ResponseClassifier, "classify">), id: origin.name };
    },
  });
}

/** A module's default export, with what it may say besides its functions. */
export function exportOf(exported: unknown, { functions, values = [] }: Shape, settings: readonly string[]): Looked {
  if (exported === undefined) throw new ModuleFault("has no default export: write export default { … }");
  return looked(exported, "its default export", {
    functions: [...functions, "create"],
    values: [...settings, ...values],
  });
}

/** What the definitions of all kinds have. */
export function commonOf(module: Looked, { name }: Origin) {
  return {
    name,
    schema: settingsSchema(module.value("settings"), "settings"),
    providerPaths: providerPaths(module.value("providers")),
  };
}

function deadlineOf(said: unknown): { deadlineMs?: number } {
  if (said === undefined) return {};
  if (typeof said === "number" && said >= 1) return { deadlineMs: said };
  throw new ModuleFault("its deadlineMs must be a number of milliseconds");
}
