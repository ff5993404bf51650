import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { ChatRequest } from "../core/request.ts";
import type { ChatResponse } from "../core/response.ts";
import type { Classifier, ClassifyContext, ResponseClassifier, ResponseContext } from "./classifier.ts";

/** A classifier the config enabled. */
export interface ConfiguredClassifier {
  classifier: Classifier;
  /** Where it finds nothing, what it last found in this conversation counts. */
  sticky: boolean;
}

/** What classifiers found earlier, by conversation. */
export interface TagMemory {
  get(conversation: string, classifier: string): readonly string[] | undefined;
  set(conversation: string, classifier: string, tags: readonly string[]): void;
}

export interface ClassifyParts {
  classifiers: readonly ConfiguredClassifier[];
  /** Of all of them, ms. */
  deadlineMs: number;
  memory: TagMemory;
  clock: Clock;
  log: Log;
}

/** A context whose `signal` this file aborts when the time is over. */
export interface ClassifyRun {
  context: ClassifyContext;
  late(): void;
}

/**
 * The tags of all classifiers. At once where none has to wait for something; they then cost no promise. Never throws or rejects:
 * one that fails or is late is logged and gives no tags.
 */
export function classify(
  request: ChatRequest,
  run: ClassifyRun,
  parts: ClassifyParts,
): ReadonlySet<string> | Promise<ReadonlySet<string>> {
  const found = new Map<ConfiguredClassifier, readonly string[]>();
  const waiting = new Map<ConfiguredClassifier, Promise<void>>();
  for (const one of parts.classifiers) {
    try {
      const tags = one.classifier.classify(request, run.context);
      if (!(tags instanceof Promise)) found.set(one, checked(tags));
      else waiting.set(one, settled(one, tags, found, waiting, parts));
    } catch (error) {
      failed(one, error, parts);
    }
  }
  if (waiting.size === 0) return together(found, run, parts);
  return inTime(waiting, run, parts).then(() => together(found, run, parts));
}

/** Never rejects. What comes when the time is over is nobody's business any more: it was called late. */
async function settled(
  one: ConfiguredClassifier,
  tags: Promise<Iterable<string>>,
  found: Map<ConfiguredClassifier, readonly string[]>,
  waiting: Map<ConfiguredClassifier, unknown>,
  parts: ClassifyParts,
): Promise<void> {
  try {
    const own = checked(await tags);
    if (waiting.has(one)) found.set(one, own);
  } catch (error) {
    if (waiting.has(one)) failed(one, error, parts);
  }
  waiting.delete(one);
}

function failed({ classifier }: ConfiguredClassifier, error: unknown, { log }: ClassifyParts): void {
  log("warn", `classifier ${classifier.id} failed and was skipped: ${messageOf(error)}`, { classifier: classifier.id });
}

async function inTime(
  waiting: Map<ConfiguredClassifier, Promise<void>>,
  run: ClassifyRun,
  { clock, deadlineMs, log }: ClassifyParts,
): Promise<void> {
  const time = Promise.withResolvers<void>();
  const timer = clock.after(deadlineMs, () => {
    const late = [...waiting.keys()].map(({ classifier }) => classifier.id).join(", ");
    if (late !== "")
      log("warn", `classifier ${late} took longer than ${deadlineMs} ms and was skipped`, { classifier: late });
    waiting.clear();
    time.resolve();
    run.late();
  });
  await Promise.race([Promise.all(waiting.values()), time.promise]);
  timer.cancel();
}

/** In the order of the classifiers, however long each took. */
function together(
  found: ReadonlyMap<ConfiguredClassifier, readonly string[]>,
  { context }: ClassifyRun,
  { classifiers, memory }: ClassifyParts,
): ReadonlySet<string> {
  const tags = new Set<string>();
  for (const one of classifiers) {
    const own = found.get(one) ?? [];
    for (const tag of one.sticky ? kept(one, own, context, memory) : own) tags.add(tag);
  }
  return tags;
}

function kept(
  { classifier }: ConfiguredClassifier,
  tags: readonly string[],
  { client }: ClassifyContext,
  memory: TagMemory,
): readonly string[] {
  if (tags.length === 0) return memory.get(client.conversation, classifier.id) ?? tags;
  memory.set(client.conversation, classifier.id, tags);
  return tags;
}

/** The tags of all response classifiers. One that throws is logged, and none of its tags count. */
export function classifyResponse(
  classifiers: readonly ResponseClassifier[],
  response: ChatResponse,
  context: ResponseContext,
  log: Log,
): string[] {
  const tags = new Set<string>();
  for (const classifier of classifiers) {
    try {
      for (const tag of checked(classifier.classify(response, context))) tags.add(tag);
    } catch (error) {
      log("warn", `response classifier ${classifier.id} failed and was skipped: ${messageOf(error)}`, {
        classifier: classifier.id,
      });
    }
  }
  return [...tags];
}

const MAX_TAGS = 100;
const MAX_TAG_CHARS = 100;

/** Tags go into headers, events and rules: what is none is a mistake of the classifier. */
function checked(tags: Iterable<string>): string[] {
  // A text is a list of characters, which nobody means.
  if (typeof tags !== "object" || tags === null || !(Symbol.iterator in tags))
    throw new TypeError(`it gave ${tags === null ? "null" : typeof tags}, not a list of tags`);
  const list = [...tags];
  const wrong = list.find((tag) => typeof tag !== "string" || tag === "" || tag.length > MAX_TAG_CHARS);
  if (wrong !== undefined)
    throw new TypeError(`a tag is a text of 1 to ${MAX_TAG_CHARS} characters, not ${typeof wrong}`);
  if (list.length > MAX_TAGS) throw new RangeError(`it gave ${list.length} tags, more than ${MAX_TAGS}`);
  return list;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
