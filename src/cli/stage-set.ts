import type { ClassifierKind, ResponseClassifier } from "../classify/classifier.ts";
import { CLASSIFIER_KINDS, type ConfiguredClassifier, RESPONSE_CLASSIFIER_KINDS } from "../classify/index.ts";
import type { Config, StageConfig } from "../config/config.ts";
import { systemClock } from "../core/clock.ts";
import type { JsonObject } from "../core/json.ts";
import type { ConfiguredPlugin } from "../pipeline/stages/active-plugins.ts";
import type { BuiltPlugin, PluginKind, PluginTools } from "../plugins/define.ts";
import { PLUGIN_KINDS } from "../plugins/index.ts";
import type { Stages } from "../server/version.ts";
import type { Foreign } from "./modules/foreign.ts";

/** What stages are built with. `foreign`: what modules brought. */
export type StageTools = Omit<PluginTools, "clock"> & { foreign: Foreign };

const CLOSE_MS = 3_000;

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
  #before: StageSet | undefined;
  readonly #foreign: Foreign;
  readonly #tools: PluginTools;

  /** Throws what a plugin or classifier throws that cannot be built. `before`: of the config until now. */
  constructor(config: Config, tools: StageTools, before: StageSet | undefined) {
    const { foreign, ...others } = tools;
    const { classifiers, responseClassifiers, plugins } = foreign.kinds;
    this.#before = before;
    this.#foreign = foreign;
    this.#tools = { ...others, clock: systemClock };
    try {
      this.classifiers = enabled([...CLASSIFIER_KINDS, ...classifiers], config.classifiers).map((one) => ({
        classifier: this.#classifier("classifiers", one),
        sticky: one.common["sticky"] === true,
      }));
      this.responseClassifiers = enabled(
        [...RESPONSE_CLASSIFIER_KINDS, ...responseClassifiers],
        config.response_classifiers,
      ).map((one) => this.#classifier("response_classifiers", one));
      this.plugins = [...PLUGIN_KINDS, ...plugins].flatMap((kind) => this.#plugin(kind, config.plugins[kind.name]));
    } catch (error) {
      void this.close(before);
      throw error;
    }
    this.#before = undefined;
  }

  async close(besides: Stages | undefined): Promise<void> {
    const kept = besides instanceof StageSet ? new Set(besides.#built.map(({ closable }) => closable)) : new Set();
    const gone = this.#built.map(({ closable }) => closable).filter((closable) => !kept.has(closable));
    await Promise.all(gone.map((closable) => this.#close(closable)));
  }

  /** One that takes forever is left behind. */
  async #close(closable: Closable): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = systemClock.after(CLOSE_MS, () => late.reject(new Error(`it took longer than ${CLOSE_MS} ms`)));
    try {
      await Promise.race([closable.close?.(), late.promise]);
    } catch (error) {
      this.#tools.log("warn", `a plugin or classifier could not be closed: ${String(error)}`);
    } finally {
      timer.cancel();
    }
  }

  #classifier<C extends Closable>(section: string, { kind, settings }: Enabled<ClassifierKind<C>>): C {
    return this.#once(kind, settings, () => {
      const stage = this.#foreign.build([section, kind.name], () => kind.build(settings, this.#tools));
      return { stage, closable: stage };
    });
  }

  /** One that is not enabled may be asked for by requests, unless it needs settings that are not there. */
  #plugin(kind: PluginKind, config: Config["plugins"][string] | undefined): ConfiguredPlugin[] {
    const { settings, common } = parted(config ?? {}, COMMON);
    if (!config && !kind.schema.safeParse({}).success) return [];
    const built = this.#once(kind, settings, (): { stage: BuiltPlugin; closable: Closable } => {
      const stage = this.#foreign.build(["plugins", kind.name], () => kind.build(settings, this.#tools));
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
const COMMON = ["enabled", "module", "deadline_ms", "on_error", "sticky"];

interface Enabled<K> {
  kind: K;
  settings: JsonObject;
  common: JsonObject;
}

function enabled<K extends { readonly name: string }>(
  kinds: readonly K[],
  config: Readonly<Record<string, StageConfig>>,
): Enabled<K>[] {
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
