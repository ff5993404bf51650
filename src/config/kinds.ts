import type { z } from "zod";
import type { JsonObject } from "../core/json.ts";
import type { Problem } from "./problem.ts";

/**
 * A kind of rule, classifier or plugin, as the config checker sees it: what settings it takes. The registries above
 * (routing/rules, classify, plugins) hand these to the checker, so adding a kind never touches `config/`.
 */
export interface SettingsKind {
  /** The `type` of a rule, the ID of a classifier or plugin. */
  readonly name: string;
  /** Strict: unknown keys are errors. For rules without `type`, for the others without `enabled`. */
  readonly schema: z.ZodType<JsonObject | object>;
  /** Settings paths that hold provider names, so that a misspelt one is found: `["provider"]`, `["candidates", "*", "provider"]`. */
  readonly providerPaths?: readonly (readonly string[])[];
  /** What the schema cannot say: how settings go together. Asked only where the schema took them; paths begin in the settings. */
  readonly check?: (settings: JsonObject) => readonly Problem[];
  /** True when a rule with these settings resolves every request, so that rules after it are never reached. */
  readonly resolvesAlways?: (settings: JsonObject) => boolean;
  /** For rules that may be there to keep prompts where they send them: the checker says when `[failover] scope` lets them out. */
  readonly keepsPrompts?: boolean;
}

/** What a preset fills in, as far as the checker needs it. The catalogue's entries are these and more. */
export interface PresetKind {
  readonly format: string;
  readonly base_url?: string | undefined;
  readonly api_key_env?: string | undefined;
  /** A second variable its own tools read the key from. */
  readonly otherKeyEnv?: string | undefined;
  /** Port it listens on by default, when it is a server on one's own machine. */
  readonly local?: number | undefined;
  /** Its variable often holds a token meant for other things. */
  readonly sharedKey?: boolean | undefined;
}

export interface Kinds {
  readonly rules: readonly SettingsKind[];
  readonly classifiers: readonly SettingsKind[];
  readonly responseClassifiers: readonly SettingsKind[];
  readonly plugins: readonly SettingsKind[];
  /** Names `preset` may take, with what each implies. */
  readonly presets: ReadonlyMap<string, PresetKind>;
}
