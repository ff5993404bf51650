import type { ClassifierKind, ResponseClassifier } from "../classify/classifier.ts";
import { CLASSIFIER_KINDS, type ConfiguredClassifier, RESPONSE_CLASSIFIER_KINDS } from "../classify/index.ts";
import type { Config, StageConfig } from "../config/config.ts";
import { systemClock } from "../core/clock.ts";
import type { JsonObject } from "../core/json.ts";
import type { ConfiguredPlugin } from "../pipeline/stages/active-plugins.ts";
import type { BuiltPlugin, PluginKind, PluginTools } from "../plugins/define.ts";
import { PLUGIN_KINDS } from "../plugins/index.ts";
import type { Stages } from "../server/version.ts";

/** What stages are built with. */
export type StageTools = Omit<PluginTools, "clock">;

interface Closable {
  close?(): void | Promise<void>;
}

/** A stage with what it was built from: the same is not built twice. */
interface Built<T> {
  kind: object;
  settings: string;
  stage: T;
  closable: Closable;
}

/**
 * The classifiers and plugins of one config. Those that stay the same from one config to the next go on, with whatever they
 * remember.
 */
export class StageSet implements Stages {
  readonly classifiers: readonly ConfiguredClassifier[];
  readonly responseClassifiers: readonly ResponseClassifier[];
  readonly plugins: readonly ConfiguredPlugin[];
  readonly #built: Built<unknown>[] = [];
  readonly #before: StageSet | undefined;
  readonly #tools: PluginTools;

  /** Throws what a plugin or classifier throws that cannot be built. `before`: of the config until now. */
  constructor(config: Config, tools: StageTools, before: StageSet | undefined) {
    this.#before = before;
    this.#tools = { ...tools, clock: systemClock };
    this.classifiers = enabled(CLASSIFIER_KINDS, config.classifiers).map(({ kind, settings, common }) => ({
      classifier: this.#classifier(kind, settings),
      sticky: common["sticky"] === true,
    }));
    this.responseClassifiers = enabled(RESPONSE_CLASSIFIER_KINDS, config.response_classifiers).map(
      ({ kind, settings }) => this.#classifier(kind, settings),
    );
    this.plugins = PLUGIN_KINDS.flatMap((kind) => this.#plugin(kind, config.plugins[kind.name]));
    this.#before = undefined;
  }

  async close(besides: Stages | undefined): Promise<void> {
    const kept = besides instanceof StageSet ? new Set(besides.#built.map(({ closable }) => closable)) : new Set();
    for (const { closable } of this.#built) {
      if (kept.has(closable)) continue;
      try {
        await closable.close?.();
      } catch (error) {
        this.#tools.log("warn", `a plugin or classifier could not be closed: ${String(error)}`);
      }
    }
  }

  #classifier<C extends Closable>(kind: ClassifierKind<C>, settings: JsonObject): C {
    return this.#once(kind, settings, () => {
      const stage = kind.build(settings, this.#tools);
      return { stage, closable: stage };
    });
  }

  /** One that is not enabled may be asked for by requests, unless it needs settings that are not there. */
  #plugin(kind: PluginKind, config: Config["plugins"][string] | undefined): ConfiguredPlugin[] {
    const { settings, common } = parted(config ?? {}, COMMON);
    if (!config && !kind.schema.safeParse({}).success) return [];
    const built = this.#once(kind, settings, (): { stage: BuiltPlugin; closable: Closable } => {
      const stage = kind.build(settings, this.#tools);
      return { stage, closable: stage.plugin };
    });
    return [
      {
        ...built,
        enabled: common["enabled"] === true,
        deadlineMs: config?.deadline_ms ?? built.deadlineMs,
        mayFail: common["on_error"] === "continue",
      },
    ];
  }

  #once<T>(kind: object, settings: JsonObject, build: () => { stage: T; closable: Closable }): T {
    const text = JSON.stringify(settings);
    const isSame = (one: Built<unknown>): one is Built<T> => one.kind === kind && one.settings === text;
    const before = this.#before ? this.#before.#built.find(isSame) : undefined;
    const built = before ?? { kind, settings: text, ...build() };
    this.#built.push(built);
    return built.stage;
  }
}

/** Keys that all stages of a section have; what is left is the kind's own. */
const COMMON = ["enabled", "deadline_ms", "on_error", "sticky"];

function enabled<K extends { readonly name: string }>(
  kinds: readonly K[],
  config: Readonly<Record<string, StageConfig>>,
): { kind: K; settings: JsonObject; common: JsonObject }[] {
  return kinds.flatMap((kind) => {
    const stage = config[kind.name];
    return stage?.enabled ? [{ kind, ...parted(stage, COMMON) }] : [];
  });
}

function parted(stage: object, keys: readonly string[]): { settings: JsonObject; common: JsonObject } {
  const entries = Object.entries(stage);
  return {
    settings: Object.fromEntries(entries.filter(([key]) => !keys.includes(key))),
    common: Object.fromEntries(entries.filter(([key]) => keys.includes(key))),
  };
}
