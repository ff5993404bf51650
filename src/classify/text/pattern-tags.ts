import { z } from "zod";
import { type LinearPattern, linearPattern } from "../../core/linear-pattern.ts";

const pattern = z
  .string()
  .min(1)
  .superRefine((source, context) => {
    try {
      linearPattern(source);
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
    }
  });

/** Settings of classifiers that look for patterns. */
export const patternsSchema = z.strictObject({
  tags: z
    .record(z.string().min(1), z.array(pattern))
    .default({})
    .describe("Tag = regular expressions, any of which sets it. Linear time only; `(?i)` in front: any case."),
  max_chars: z
    .int()
    .positive()
    .default(1_000_000)
    .describe("So many characters of each text are looked at; the log says when one is longer."),
});

/** Tags by patterns. Each text is searched by itself. */
export class PatternTags {
  readonly #patterns: readonly (readonly [string, readonly LinearPattern[]])[];
  readonly #maxChars: number;

  constructor({ tags, max_chars }: z.output<typeof patternsSchema>) {
    const wanted = Object.entries(tags).filter(([, sources]) => sources.length > 0);
    this.#patterns = wanted.map(([tag, sources]) => [tag, sources.map((source) => linearPattern(source))]);
    this.#maxChars = max_chars;
  }

  /** `cut` is told of each text that was too long to be looked at whole. */
  search(cut: (chars: number) => void): { found: string[]; look(text: string): boolean } {
    const found: string[] = [];
    let open = this.#patterns;
    return {
      found,
      look: (whole) => {
        if (whole.length > this.#maxChars && open.length > 0) cut(whole.length);
        const text = whole.length > this.#maxChars ? whole.slice(0, this.#maxChars) : whole;
        const before = open;
        open = before.filter(([tag, patterns]) => {
          const isFound = patterns.some((one) => one.test(text));
          if (isFound) found.push(tag);
          return !isFound;
        });
        return open.length === 0;
      },
    };
  }

  /** For the log. */
  tooLong(chars: number): string {
    return `a text of ${chars} characters was searched up to max_chars (${this.#maxChars}) only`;
  }
}
