import type { z } from "zod";
import { asObject, isObject, type JsonObject } from "../core/json.ts";
import { jsonSchemaOf } from "./check/explain.ts";
import {
  classifierStageSchema,
  configSchema,
  pluginStageSchema,
  responseClassifierStageSchema,
  ruleCommonSchema,
  ruleSchema,
} from "./config.ts";
import type { Kinds, SettingsKind } from "./kinds.ts";

/** JSON Schema of the whole file, for editors: the checker's own schemas, put together. */
export function configJsonSchema(kinds: Kinds): JsonObject {
  const root = jsonSchemaOf(configSchema);
  const properties = asObject(root["properties"]) ?? {};
  return {
    ...root,
    title: "opensourcellmrouter config.toml",
    properties: {
      ...properties,
      providers: withPresets(properties["providers"], [...kinds.presets.keys()]),
      routers: {
        type: "array",
        description: "The chain: the first rule that resolves wins.",
        items: { anyOf: [...kinds.rules.map(ruleSchemaOf), foreignRuleSchema()] },
      },
      classifiers: stagesSchemaOf(kinds.classifiers, classifierStageSchema, "Tag requests before they are routed."),
      response_classifiers: stagesSchemaOf(kinds.responseClassifiers, responseClassifierStageSchema, "Tag answers."),
      plugins: stagesSchemaOf(kinds.plugins, pluginStageSchema, "Change requests and answers."),
    },
  };
}

function ruleSchemaOf(kind: SettingsKind): JsonObject {
  return withKeys(kind, { type: { type: "string", const: kind.name } }, ["type"]);
}

/** One that a module brings: its settings are not known here. */
function foreignRuleSchema(): JsonObject {
  const { type, module } = asObject(jsonSchemaOf(ruleSchema)["properties"]) ?? {};
  const common = asObject(jsonSchemaOf(ruleCommonSchema)["properties"]) ?? {};
  return { type: "object", properties: { type, module, ...common }, required: ["type", "module"] };
}

function stagesSchemaOf(kinds: readonly SettingsKind[], common: z.ZodObject, description: string): JsonObject {
  const keys = asObject(jsonSchemaOf(common)["properties"]) ?? {};
  const { module: _, ...ofBuiltIn } = keys;
  return {
    type: "object",
    description,
    properties: Object.fromEntries(kinds.map((kind) => [kind.name, withKeys(kind, ofBuiltIn, [])])),
    // Names of one's own, which a module brings: its settings are not known here.
    additionalProperties: { type: "object", properties: keys, required: ["module"] },
  };
}

/** The schema of a kind's settings, with the keys all of its like have. */
function withKeys(kind: SettingsKind, keys: JsonObject, required: readonly string[]): JsonObject {
  const { $schema: _, ...settings } = jsonSchemaOf(kind.schema);
  const own = Array.isArray(settings["required"]) ? settings["required"] : [];
  return {
    ...settings,
    properties: { ...keys, ...asObject(settings["properties"]) },
    required: [...required, ...own],
  };
}

function withPresets(providers: unknown, names: string[]): JsonObject {
  if (!isObject(providers)) return {};
  const items = asObject(providers["items"]) ?? {};
  const properties = asObject(items["properties"]) ?? {};
  const preset = { ...asObject(properties["preset"]), enum: names };
  return { ...providers, items: { ...items, properties: { ...properties, preset } } };
}
