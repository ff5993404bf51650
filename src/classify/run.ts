import type { Log } from "../core/log.ts";

interface Tagger<Subject> {
  readonly id: string;
  classify(subject: Subject): Iterable<string>;
}

/** The tags of all classifiers, of requests or of answers. One that throws is logged, and none of its tags count. */
export function runClassifiers<Subject>(
  classifiers: readonly Tagger<Subject>[],
  subject: Subject,
  log: Log,
): Set<string> {
  const tags = new Set<string>();
  for (const classifier of classifiers) {
    try {
      for (const tag of [...classifier.classify(subject)]) tags.add(tag);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log("warn", `classifier ${classifier.id} failed and was skipped: ${reason}`);
    }
  }
  return tags;
}
