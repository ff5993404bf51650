import type { Classifier, ClassifierKind, ResponseClassifier } from "./classifier.ts";
import { http } from "./request/http.ts";
import { keyword } from "./request/keyword.ts";
import { llm } from "./request/llm.ts";
import { regex } from "./request/regex.ts";
import { structure } from "./request/structure.ts";
import { empty } from "./response/empty.ts";
import { jsonInvalid } from "./response/json-invalid.ts";
import { refusal } from "./response/refusal.ts";
import { responseRegex } from "./response/regex.ts";
import { truncated } from "./response/truncated.ts";

/** Every classifier of requests, one file each in `request/`. */
export const CLASSIFIER_KINDS: readonly ClassifierKind<Classifier>[] = [keyword, regex, structure, llm, http];
/** Every classifier of answers, one file each in `response/`. */
export const RESPONSE_CLASSIFIER_KINDS: readonly ClassifierKind<ResponseClassifier>[] = [
  refusal,
  truncated,
  empty,
  jsonInvalid,
  responseRegex,
];
export { type ConfiguredClassifier, classify } from "./run.ts";
