import type { Classifier, ClassifierKind, ResponseClassifier } from "../../classify/classifier.ts";
import type { Kinds } from "../../config/kinds.ts";
import type { Path, Positions } from "../../config/positions.ts";
import { ConfigError, type Problem } from "../../config/problem.ts";
import { SetupError } from "../../core/setup-error.ts";
import type { PluginKind } from "../../plugins/define.ts";
import type { RuleKind } from "../../routing/define-rule.ts";
import { ModuleFault } from "./fault.ts";

/** The kinds that modules brought, each in the order of the config. */
export interface ForeignKinds {
  readonly rules: readonly RuleKind[];
  readonly classifiers: readonly ClassifierKind<Classifier>[];
  readonly responseClassifiers: readonly ClassifierKind<ResponseClassifier>[];
  readonly plugins: readonly PluginKind[];
}

const NONE: ForeignKinds = { rules: [], classifiers: [], responseClassifiers: [], plugins: [] };

/** What modules brought to one config. */
export class Foreign {
  static readonly NONE = new Foreign(NONE, []);
  readonly kinds: ForeignKinds;
  /** Of those that brought nothing. */
  readonly problems: readonly Problem[];
  readonly #file: string;
  readonly #positions: Positions | undefined;

  constructor(kinds: ForeignKinds, problems: readonly Problem[], file = "", positions?: Positions) {
    this.kinds = kinds;
    this.problems = problems;
    this.#file = file;
    this.#positions = positions;
  }

  /** All that the config can name. */
  with(builtIn: Kinds): Kinds {
    const { rules, classifiers, responseClassifiers, plugins } = this.kinds;
    return {
      ...builtIn,
      rules: [...builtIn.rules, ...rules],
      classifiers: [...builtIn.classifiers, ...classifiers],
      responseClassifiers: [...builtIn.responseClassifiers, ...responseClassifiers],
      plugins: [...builtIn.plugins, ...plugins],
    };
  }

  /**
   * Builds one. What is wrong with its module is then thrown as a `ConfigError`, at the `module` key of `path`; what a built-in
   * one misses, likewise, at `path`.
   */
  build<T>(path: Path, build: () => T): T {
    try {
      return build();
    } catch (error) {
      if (!(error instanceof ModuleFault || error instanceof SetupError)) throw error;
      const place = error instanceof ModuleFault ? [...path, "module"] : path;
      const at = this.#positions?.of(place);
      const problem: Problem = { severity: "error", path: place, message: error.message };
      throw new ConfigError(this.#file, [{ ...problem, ...(at && { at }) }]);
    }
  }
}
