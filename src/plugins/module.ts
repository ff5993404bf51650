import type { Classifier, ResponseClassifier } from "../classify/interface.ts";
import type { JsonObject } from "../core/json.ts";
import type { Dialect } from "../core/part.ts";
import type { ClientFacts } from "../core/stage-tools.ts";
import type { Plugin } from "./plugin.ts";

export type { Classifier, ClassifyContext, ResponseClassifier, ResponseContext } from "../classify/interface.ts";
export type { ChatEvent, Finish, FinishReason } from "../core/event.ts";
export type { Json, JsonObject } from "../core/json.ts";
export type * from "../core/part.ts";
export type { ChatRequest, FunctionTool, Message, Tool } from "../core/request.ts";
export type { ChatResponse } from "../core/response.ts";
export type * from "../core/stage-tools.ts";
export type { Usage } from "../core/usage.ts";
export type * from "./plugin.ts";

/**
 * What modules export that a config names by `module`: the types of `opensourcellmrouter/plugin`. Types only, so that a module
 * works wherever it lies: `import type { PluginModule } from "opensourcellmrouter/plugin"`.
 */

/** What a module's `create` gets. Everything that belongs to one request comes with its hooks. */
export interface ModuleTools {
  /** One line for the router's own log. Never put prompts or keys there. */
  log(level: "info" | "warn" | "error", message: string): void;
  /** Environment variables, the `.env` beside the config included. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A JSON Schema. */
export type SettingSchema = boolean | { readonly [keyword: string]: unknown };

/** The JSON Schema of a module's settings. Keys it does not name are errors, unless it says `additionalProperties`. */
export interface SettingsSchema<S> {
  readonly type: "object";
  readonly properties: { readonly [K in keyof S]-?: SettingSchema };
  readonly required?: readonly (keyof S & string)[];
  readonly additionalProperties?: SettingSchema;
  readonly $defs?: { readonly [name: string]: SettingSchema };
}

/** What every kind of module may say of its settings. */
export interface ModuleSettings<S> {
  /** Absent: it takes none. Checked with the config; `default` fills in what is not given. */
  readonly settings?: SettingsSchema<S>;
  /** Settings that name providers, so that a misspelt one is found: `["provider", "backups.*.provider"]`. */
  readonly providers?: readonly string[];
}

/** The hooks of a plugin, at least one of them, and what lets go of it. Its id is its name in the config. */
export type PluginHooks<S = JsonObject> = Omit<Plugin<S>, "id">;

/**
 * A plugin. Its hooks stand in the module itself, or are made by `create`, anew for each config that changes them.
 *
 *     export default {
 *       pre_request(exchange) {
 *         exchange.request.system.push({ type: "text", text: "Be brief." });
 *         return "modified";
 *       },
 *     } satisfies PluginModule;
 */
export interface PluginModule<S = JsonObject, R = unknown> extends ModuleSettings<S>, PluginHooks<S & Partial<R>> {
  /** Settings only requests have. */
  readonly requestSettings?: SettingsSchema<R>;
  /** Settings that requests must not touch: addresses, keys, limits of the owner. */
  readonly ownerOnly?: readonly (keyof S & string)[];
  /** How long each of its hooks may take, ms; the config's `deadline_ms` wins. */
  readonly deadlineMs?: number;
  create?(settings: S, tools: ModuleTools): PluginHooks<S & Partial<R>>;
}

/** A classifier of requests: `classify` itself, or `create` where it has settings. */
export interface ClassifierModule<S = JsonObject> extends ModuleSettings<S>, Partial<Omit<Classifier, "id">> {
  create?(settings: S, tools: ModuleTools): Omit<Classifier, "id">;
}

/** A classifier of answers: `classify` itself, or `create` where it has settings. */
export interface ResponseClassifierModule<S = JsonObject>
  extends ModuleSettings<S>,
    Partial<Omit<ResponseClassifier, "id">> {
  create?(settings: S, tools: ModuleTools): Omit<ResponseClassifier, "id">;
}

/** A rule: `candidates` itself, or `create` where it has settings. */
export interface RuleModule<S = JsonObject> extends ModuleSettings<S>, Partial<ModuleRule> {
  create?(settings: S, tools: ModuleTools): ModuleRule;
}

export interface ModuleRule {
  /** For decisions and logs. Absent: its type. */
  readonly label?: string;
  /**
   * Where the request may go, best first: the first one that can do what it needs is taken, the others are for failover. None:
   * the next rule is asked. Has to answer at once. One that throws is logged, and passes.
   */
  candidates(request: RuleRequest, providers: readonly ProviderFacts[]): Iterable<RuleTarget>;
}

/** What rules may look at. */
export interface RuleRequest {
  /** As the client sent it. */
  readonly model: string;
  readonly tags: ReadonlySet<string>;
  readonly needs: readonly ("vision" | "tools")[];
  /** Who asks, and in which conversation; undefined: nobody in particular. */
  readonly client?: ClientFacts | undefined;
  /** Of the whole prompt, estimated when it is looked at; undefined: not known. */
  readonly inputTokens?: number | undefined;
  /** Wall clock, ms since 1970. */
  readonly wallMs: number;
}

export interface RuleTarget {
  /** Its name in the config. One that is not there is passed over. */
  readonly provider: string;
  /** Absent: the one the client named. */
  readonly model?: string;
  /** Targets with the same rank are as good as each other; without one each stands alone. */
  readonly rank?: number;
}

/** A provider that has its key, in the order of the config. */
export interface ProviderFacts {
  readonly name: string;
  /** The API it speaks. */
  readonly dialect: Dialect;
  /** On this machine or the owner's own network. */
  readonly nearby: boolean;
  /** What it last said it has; empty: it did not say yet. */
  readonly models: readonly string[];
  /** The config's own marks: `cost_per_1m_tokens`, `quality`, `latency_ms`, `throughput_tokens_per_sec`. */
  readonly cost: number | undefined;
  readonly quality: number;
  readonly latencyMs: number | undefined;
  readonly tokensPerSecond: number | undefined;
}
