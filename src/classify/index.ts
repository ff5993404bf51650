import type { Classifier, ClassifierKind, ResponseClassifier } from "./classifier.ts";
import { keyword } from "./request/keyword.ts";
import { refusal } from "./response/refusal.ts";

/** Every classifier of requests, one file each. */
export const CLASSIFIER_KINDS: readonly ClassifierKind<Classifier>[] = [keyword];
/** Every classifier of answers, one file each. */
export const RESPONSE_CLASSIFIER_KINDS: readonly ClassifierKind<ResponseClassifier>[] = [refusal];
export { type ConfiguredClassifier, classify, classifyResponse } from "./run.ts";
