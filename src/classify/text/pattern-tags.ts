import { z } from "zod";
import { type LinearPattern, linearPattern, SearchTime } from "../../core/linear-pattern.ts";

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

  /** `tell` hears what was not looked at: of texts that are too long, and with patterns that take too long. */
  search(tell: (message: string) => void): { found: string[]; look(text: string): boolean } {
    const found: string[] = [];
    let open = this.#patterns.map(([tag, patterns]) => ({ tag, patterns, time: new SearchTime() }));
    return {
      found,
      look: (whole) => {
        if (whole.length > this.#maxChars && open.length > 0) tell(this.#tooLong(whole.length));
        const text = whole.length > this.#maxChars ? whole.slice(0, this.#maxChars) : whole;
        open = open.filter(({ tag, patterns, time }) => {
          try {
            const isFound = patterns.some((one) => one.test(text, time));
            if (isFound) found.push(tag);
            return !isFound;
          } catch (error) {
            tell(`tag ${tag} is not looked for any further: ${error instanceof Error ? error.message : String(error)}`);
            return false;
          }
        });
        return open.length === 0;
      },
    };
  }

  #tooLong(chars: number): string {
    return `a text of ${chars} characters was searched up to max_chars (${this.#maxChars}) only`;
  }
}
