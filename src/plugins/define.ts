import type { z } from "zod";
import type { SettingsKind } from "../config/kinds.ts";
import type { Problem } from "../config/problem.ts";
import type { Clock, Random } from "../core/clock.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import type { Log } from "../core/log.ts";
import type { Plugin } from "./plugin.ts";

/** What a plugin is built with. Everything that belongs to one request comes with its hooks. */
export interface PluginTools {
  log: Log;
  clock: Clock;
  random: Random;
  /** Environment variables, `.env` included. */
  env: Readonly<Record<string, string | undefined>>;
}

/** A plugin that is ready, with the settings of the config and the way a request's own are read over them. */
export interface BuiltPlugin {
  plugin: Plugin;
  settings: JsonObject;
  /** Its own default for hooks, ms; undefined: the router's. */
  deadlineMs?: number | undefined;
  /** The config's settings overridden by a request's own. Throws `SettingsError` naming the setting at fault. */
  read(own: JsonObject): { settings: JsonObject; ignored: string[] };
}

/** A plugin as the registry knows it. */
export interface PluginKind extends SettingsKind {
  /** Throws a `ZodError` for settings its schema refuses. */
  build(settings: JsonObject, tools: PluginTools): BuiltPlugin;
}

/** A setting in a request that the plugin does not take. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  /** Keys that lead to it. */
  readonly path: readonly string[];

  constructor(path: readonly string[], message: string) {
    super(message);
    this.path = path;
  }
}

/** Ties schema and hooks together, so that a plugin only ever sees settings its schema let through. */
export function definePlugin<S extends z.ZodObject, R extends z.ZodObject = z.ZodObject<Record<never, never>>>(kind: {
  name: string;
  /** Settings in the config. Strict. */
  schema: S;
  /** Settings only requests have (`tier`). */
  requestSchema?: R;
  /** Settings that requests must not touch: addresses, keys, limits of the owner. */
  ownerOnly?: readonly (keyof z.output<S> & string)[];
  providerPaths?: readonly (readonly string[])[];
  /** How settings of the config go together, where the schema cannot say it. */
  check?(settings: z.output<S>): readonly Problem[];
  deadlineMs?: number;
  create(
    settings: z.output<S>,
    tools: PluginTools,
  ): Omit<Plugin<z.output<S> & Partial<z.output<R>>>, "id"> & { id?: never };
}): PluginKind {
  const { name, schema, requestSchema, ownerOnly = [], deadlineMs, create } = kind;
  const requestKeys = new Set([...Object.keys(schema.shape), ...Object.keys(requestSchema?.shape ?? {})]);
  return {
    name,
    schema,
    ...(kind.providerPaths && { providerPaths: kind.providerPaths }),
    ...(kind.check && { check: (settings: JsonObject) => kind.check?.(schema.parse(settings)) ?? [] }),
    build(settings, tools) {
      const parsed = schema.parse(settings);
      const read: BuiltPlugin["read"] = (own) => {
        const known = Object.entries(own).filter(([key]) => requestKeys.has(key));
        const ignored = Object.keys(own).filter((key) => !requestKeys.has(key));
        const forbidden = known.find(([key]) => ownerOnly.includes(key));
        if (forbidden) throw new SettingsError([forbidden[0]], "only the router's config may set this");
        const mine = Object.fromEntries(known);
        const all = requestSchema ? schema.extend(requestSchema.partial().shape) : schema;
        const result = all.safeParse({ ...settings, ...mine });
        if (result.success) return { settings: asSettings(result.data), ignored };
        const [issue] = result.error.issues;
        throw new SettingsError((issue?.path ?? []).map(String), issue?.message ?? "is not what the plugin takes");
      };
      // The hooks get settings that came through the schema, here or in `read`: what the types cannot follow through the registry.
      const plugin = { ...create(parsed, tools), id: name } as unknown as Plugin;
      return { plugin, settings: asSettings(parsed), deadlineMs, read };
    },
  };
}

/** Shared by all requests: a hook cannot change them for the others. */
function asSettings(value: unknown): JsonObject {
  if (!isObject(value)) throw new TypeError("settings are an object");
  freeze(value);
  return value;
}

function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
}
