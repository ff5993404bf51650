import { asObject, isObject, type JsonObject } from "../core/json.ts";
import { jsonSchemaOf } from "./check/explain.ts";
import { configSchema } from "./config.ts";
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
        items: { anyOf: kinds.rules.map(ruleSchemaOf) },
      },
      classifiers: stagesSchemaOf(kinds.classifiers, "Tag requests before they are routed."),
      response_classifiers: stagesSchemaOf(kinds.responseClassifiers, "Tag answers."),
      plugins: stagesSchemaOf(kinds.plugins, "Change requests and answers."),
    },
  };
}

function ruleSchemaOf(kind: SettingsKind): JsonObject {
  return withKey(kind, "type", { type: "string", const: kind.name }, true);
}

function stagesSchemaOf(kinds: readonly SettingsKind[], description: string): JsonObject {
  const enabled = { type: "boolean", default: false, description: "It runs only when true." };
  return {
    type: "object",
    description,
    properties: Object.fromEntries(kinds.map((kind) => [kind.name, withKey(kind, "enabled", enabled, false)])),
    additionalProperties: false,
  };
}

/** The schema of a kind's settings, with the key that names or enables it. */
function withKey(kind: SettingsKind, key: string, schema: JsonObject, isRequired: boolean): JsonObject {
  const { $schema: _, ...settings } = jsonSchemaOf(kind.schema);
  const required = Array.isArray(settings["required"]) ? settings["required"] : [];
  return {
    ...settings,
    properties: { [key]: schema, ...asObject(settings["properties"]) },
    required: isRequired ? [key, ...required] : required,
  };
}

function withPresets(providers: unknown, names: string[]): JsonObject {
  if (!isObject(providers)) return {};
  const items = asObject(providers["items"]) ?? {};
  const properties = asObject(items["properties"]) ?? {};
  const preset = { ...asObject(properties["preset"]), enum: names };
  return { ...providers, items: { ...items, properties: { ...properties, preset } } };
}
