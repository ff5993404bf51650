import { dirname, resolve } from "node:path";
import type { Kinds } from "../../config/kinds.ts";
import type { ConfigText } from "../../config/load.ts";
import type { Problem } from "../../config/problem.ts";
import type { Clock } from "../../core/clock.ts";
import { isObject } from "../../core/json.ts";
import { stampOf } from "../reload/config-watch.ts";
import { ModuleFault } from "./fault.ts";
import { Foreign, type ForeignKinds } from "./foreign.ts";
import { type ReadFile, readFileNow } from "./generation.ts";
import { Generations } from "./generations.ts";
import { type NamedModule, namedModules, type Section } from "./named.ts";
import type { Origin } from "./origin.ts";
import { refuseForeignHands } from "./permissions.ts";
import { type ModulePlace, placeOf } from "./place.ts";
import { ruleKind } from "./rule-kind.ts";
import { classifierKind, pluginKind, responseClassifierKind } from "./stage-kinds.ts";

/** A module as it was loaded last: the same kinds go on while its files stay the same. */
interface Loaded {
  files: ReadonlyMap<string, ReadFile>;
  kinds: Partial<ForeignKinds>;
}

const KIND: Readonly<Record<Section, (exported: unknown, origin: Origin) => Partial<ForeignKinds>>> = {
  plugins: (exported, origin) => ({ plugins: [pluginKind(exported, origin)] }),
  classifiers: (exported, origin) => ({ classifiers: [classifierKind(exported, origin)] }),
  response_classifiers: (exported, origin) => ({ responseClassifiers: [responseClassifierKind(exported, origin)] }),
  routers: (exported, origin) => ({ rules: [ruleKind(exported, origin)] }),
};

const WORDS: Readonly<Record<Section, string>> = {
  plugins: "plugin",
  classifiers: "classifier",
  response_classifiers: "response classifier",
  routers: "rule",
};

/** Loads the modules that config files name. Nothing else loads code: no request, no config that was merely detected. */
export class Modules {
  readonly #generations: Generations;
  readonly #loaded = new Map<string, Loaded>();
  #files: ReadonlyMap<string, string> = new Map();

  constructor({ clock, deadlineMs }: { clock: Clock; deadlineMs?: number }) {
    this.#generations = new Generations(clock, deadlineMs);
  }

  /** The files of the config that was read last, whether it was taken or not, with their stamps from when they were read. */
  get files(): ReadonlyMap<string, string> {
    return this.#files;
  }

  /** Loads what is new or has changed. Never rejects: what is wrong is among the `problems`. */
  async load({ raw, file, positions }: ConfigText, builtIn: Kinds): Promise<Foreign> {
    const files = new Map<string, string>();
    const { named, problems } = isObject(raw) ? namedModules(raw, builtIn) : { named: [], problems: [] };
    const brought: Partial<ForeignKinds>[] = [];
    for (const one of named) {
      const attempt = new Map<string, ReadFile>();
      try {
        brought.push(await this.#one(one, file, attempt));
      } catch (error) {
        if (!(error instanceof ModuleFault)) throw error;
        problems.push(problemOf(one, error));
      }
      for (const [path, { stamp }] of attempt) files.set(path, stamp);
    }
    this.#files = files;
    return new Foreign(together(brought), problems, file, positions);
  }

  async #one(one: NamedModule, config: string, attempt: Map<string, ReadFile>): Promise<Partial<ForeignKinds>> {
    const folder = dirname(resolve(config));
    const path = resolve(folder, one.module);
    // Also where nothing is there yet.
    if (one.module.startsWith("./")) attempt.set(path, { stamp: stampOf(path), hash: undefined });
    const place = placeOf(one.module, folder);
    refuseForeignHands(resolve(config));
    const key = JSON.stringify([one.section, one.name, place]);
    const before = this.#loaded.get(key);
    if (before && isAsItWas(before)) {
      for (const [path, read] of before.files) {
        refuseForeignHands(path);
        attempt.set(path, read);
      }
      return before.kinds;
    }
    return this.#anew(one, key, place, attempt);
  }

  async #anew({ section, name }: NamedModule, key: string, place: ModulePlace, attempt: Map<string, ReadFile>) {
    const generation = this.#generations.begin(place);
    const { files } = generation;
    try {
      const { exported } = await this.#generations.load(generation);
      const origin = { name, what: `${WORDS[section]} ${name}`, files: files.keys(), folder: place.folder };
      const kinds = KIND[section](exported, origin);
      this.#loaded.set(key, { files, kinds });
      return kinds;
    } finally {
      for (const [path, read] of files) attempt.set(path, read);
    }
  }
}

function isAsItWas({ files }: Loaded): boolean {
  return [...files].every(([path, { hash }]) => readFileNow(path).hash === hash);
}

function problemOf({ path }: NamedModule, { message }: ModuleFault): Problem {
  return { severity: "error", path, message };
}

function together(brought: readonly Partial<ForeignKinds>[]): ForeignKinds {
  return {
    rules: brought.flatMap(({ rules = [] }) => rules),
    classifiers: brought.flatMap(({ classifiers = [] }) => classifiers),
    responseClassifiers: brought.flatMap(({ responseClassifiers = [] }) => responseClassifiers),
    plugins: brought.flatMap(({ plugins = [] }) => plugins),
  };
}
