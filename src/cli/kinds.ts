import { CLASSIFIER_KINDS, RESPONSE_CLASSIFIER_KINDS } from "../classify/index.ts";
import type { Kinds } from "../config/kinds.ts";
import { PLUGIN_KINDS } from "../plugins/index.ts";
import { RULE_KINDS } from "../routing/rules/index.ts";
import { PRESETS } from "../upstream/catalogue.ts";

/** Everything a config can name, from the registries. */
export const KINDS: Kinds = {
  rules: RULE_KINDS,
  classifiers: CLASSIFIER_KINDS,
  responseClassifiers: RESPONSE_CLASSIFIER_KINDS,
  plugins: PLUGIN_KINDS,
  presets: PRESETS,
};
