interface Tagger<Subject> {
  readonly id: string;
  classify(subject: Subject): Iterable<string>;
}

/** The tags of all classifiers, of requests or of answers. One that throws is logged, and none of its tags count. */
export function runClassifiers<Subject>(
  classifiers: readonly Tagger<Subject>[],
  subject: Subject,
  log: (line: string) => void,
): Set<string> {
  const tags = new Set<string>();
  for (const classifier of classifiers) {
    try {
      for (const tag of [...classifier.classify(subject)]) tags.add(tag);
    } catch (error) {
      log(`classifier ${classifier.id} failed and was skipped: ${error instanceof Error ? error.message : error}`);
    }
  }
  return tags;
}
