import type {
  Classifier,
  ClassifierKind,
  ClassifierTools,
  ClassifyContext,
  ResponseClassifier,
} from "../../src/classify/classifier.ts";
import { systemClock } from "../../src/core/clock.ts";
import { type ChatRequest, emptyRequest } from "../../src/core/request.ts";
import type { ChatResponse } from "../../src/core/response.ts";

const TOOLS: ClassifierTools = { log: () => undefined, clock: systemClock, env: {} };

/** A context for classifiers that ask nobody. */
export function contextOf(more: Partial<ClassifyContext> = {}): ClassifyContext {
  const nobody = () => Promise.reject(new Error("nobody is there"));
  return {
    client: { dialect: "openai", agent: undefined, key: undefined, headers: {}, conversation: "c", stream: false },
    http: { fetch: nobody },
    models: { ask: nobody },
    signal: new AbortController().signal,
    ...more,
  };
}

/** The tags a classifier with these settings gives, in order of the alphabet. */
export async function tagsOf(
  kind: ClassifierKind<Classifier>,
  settings: object,
  request: Partial<ChatRequest>,
  context: Partial<ClassifyContext> = {},
): Promise<string[]> {
  const classifier = kind.build(settings, TOOLS);
  return [...(await classifier.classify({ ...emptyRequest("openai", "m"), ...request }, contextOf(context)))].sort();
}

/** The same of an answer. */
export function responseTagsOf(
  kind: ClassifierKind<ResponseClassifier>,
  settings: object,
  response: Partial<ChatResponse>,
  request: Partial<ChatRequest> = {},
): string[] {
  const whole: ChatResponse = { id: "1", model: "m", parts: [], finish: { reason: "stop" }, ...response };
  const context = { request: { ...emptyRequest("openai", "m"), ...request } };
  return [...kind.build(settings, TOOLS).classify(whole, context)].sort();
}
