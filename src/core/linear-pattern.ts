import { createRequire } from "node:module";
import { inTime, isTimeout } from "./bounded/in-time.ts";

/**
 * A regular expression whose search takes time in proportion to the text, whatever the two are. That can still be long, a large
 * pattern needing some 100 ns for each of its steps and each character: a search throws when its time is over.
 */
export interface LinearPattern {
  test(text: string, time?: SearchTime): boolean;
  /** What it finds, first to last, as UTF-16 indices; an empty match is none. */
  matches(text: string, time?: SearchTime): PatternMatch[];
}

export interface PatternMatch {
  start: number;
  end: number;
}

/** What several searches may take together. */
export class SearchTime {
  leftMs: number;

  constructor(ms = 1_000) {
    this.leftMs = ms;
  }
}

/** Each character may cost this many steps. */
const MAX_STEPS = 1_050;
/** Less than this in all is not worth a clock that ends it in the middle. */
const SHORT_STEPS = 1_000_000;

/**
 * Compiles what an owner wrote (syntax of RE2; `\uXXXX` and named groups as in JavaScript, too). Throws an `Error` that says why it
 * cannot be: back-references, look-around and large counted repeats have no linear time.
 */
export function linearPattern(source: string, { ignoreCase = false } = {}): LinearPattern {
  const compile = () => compiledFrom(source, ignoreCase);
  let compiled = compile();
  const size = compiled.programSize();
  if (size > MAX_STEPS)
    throw new Error(
      `the pattern ${JSON.stringify(source)} is too large: ${size} steps for each character of a text, of ${MAX_STEPS}. ` +
        "Counted repeats are written out, one inside another multiplied.",
    );
  const tooLong = (text: string) =>
    new Error(`the pattern ${JSON.stringify(source)} takes too long on a text of ${text.length} characters`);
  const within = <T>(time: SearchTime, text: string, search: () => T): T => {
    if (time.leftMs <= 0) throw tooLong(text);
    const startedMs = performance.now();
    try {
      return size * text.length <= SHORT_STEPS ? search() : inTime(Math.ceil(time.leftMs), search, 1);
    } catch (error) {
      if (!isTimeout(error)) throw error;
      // It was ended anywhere, also where it remembers what it found out.
      compiled = compile();
      throw tooLong(text);
    } finally {
      time.leftMs -= performance.now() - startedMs;
    }
  };
  const test = (text: string, time = new SearchTime()) => within(time, text, () => compiled.test(text));
  return {
    test,
    matches(text, time = new SearchTime()) {
      // Much quicker than looking where, and the usual answer is no.
      if (!test(text, time)) return [];
      const untilMs = performance.now() + time.leftMs;
      return within(time, text, () => {
        const found: PatternMatch[] = [];
        const matcher = compiled.matcher(text);
        while (matcher.find()) {
          const match = { start: matcher.start(), end: matcher.end() };
          if (match.end > match.start) found.push(match);
          // As many as characters, each having looked at all that follows: `a(.*b)?`.
          if (performance.now() > untilMs) throw tooLong(text);
        }
        return found;
      });
    },
  };
}

function compiledFrom(source: string, ignoreCase: boolean): InstanceType<typeof import("re2js").RE2JS> {
  const { RE2JS } = re2js();
  try {
    return RE2JS.compile(RE2JS.translateRegExp(source), ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : String(error);
    throw new Error(
      `the pattern ${JSON.stringify(source)} cannot be searched for in linear time: ${why}. Look-around, back-references and ` +
        "counts above 1000 are not possible.",
      { cause: error },
    );
  }
}

/** Loaded with the first pattern, being large. */
function re2js(): typeof import("re2js") {
  const loaded: typeof import("re2js") = createRequire(import.meta.url)("re2js");
  return loaded;
}
