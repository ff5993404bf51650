import { createRequire } from "node:module";

/** A regular expression whose search takes time in proportion to the text, whatever the two are. */
export interface LinearPattern {
  test(text: string): boolean;
  /** What it finds, first to last, as UTF-16 indices; an empty match is none. Throws for a pattern and text that together take too long. */
  matches(text: string): PatternMatch[];
}

export interface PatternMatch {
  start: number;
  end: number;
}

/** Each match is found in linear time, but there may be as many as characters, each having looked at all that follows (`a(.*b)?`). */
const PATIENCE_MS = 1_000;

/** Each character may cost this many steps of 25 ns. */
const MAX_STEPS = 1_050;

/**
 * Compiles what an owner wrote (syntax of RE2; `\uXXXX` and named groups as in JavaScript, too). Throws an `Error` that says why it
 * cannot be: back-references, look-around and large counted repeats have no linear time.
 */
export function linearPattern(source: string, { ignoreCase = false, patienceMs = PATIENCE_MS } = {}): LinearPattern {
  const { RE2JS } = re2js();
  let compiled: InstanceType<typeof RE2JS>;
  try {
    compiled = RE2JS.compile(RE2JS.translateRegExp(source), ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : String(error);
    throw new Error(
      `the pattern ${JSON.stringify(source)} cannot be searched for in linear time: ${why}. Look-around, back-references and ` +
        "counts above 1000 are not possible.",
      { cause: error },
    );
  }
  const size = compiled.programSize();
  if (size > MAX_STEPS)
    throw new Error(
      `the pattern ${JSON.stringify(source)} is too large: ${size} steps for each character of a text, of ${MAX_STEPS}. ` +
        "Counted repeats are written out, one inside another multiplied.",
    );
  return {
    test: (text) => compiled.test(text),
    matches(text) {
      // Much quicker than looking where, and the usual answer is no.
      if (!compiled.test(text)) return [];
      const found: PatternMatch[] = [];
      const matcher = compiled.matcher(text);
      const startedMs = performance.now();
      while (matcher.find()) {
        const match = { start: matcher.start(), end: matcher.end() };
        if (match.end > match.start) found.push(match);
        if (performance.now() - startedMs > patienceMs)
          throw new Error(
            `the pattern ${JSON.stringify(source)} takes too long on a text of ${text.length} characters`,
          );
      }
      return found;
    },
  };
}

/** Loaded with the first pattern, being large. */
function re2js(): typeof import("re2js") {
  const loaded: typeof import("re2js") = createRequire(import.meta.url)("re2js");
  return loaded;
}
