import { defineClassifier, type ResponseClassifier } from "../classifier.ts";
import { PatternTags, patternsSchema } from "../text/pattern-tags.ts";

/** Tags an answer by patterns in what it says. */
export const responseRegex = defineClassifier({
  name: "regex",
  schema: patternsSchema,
  create: (settings, { log }): ResponseClassifier => {
    const patterns = new PatternTags(settings);
    const tell = (message: string) => log("warn", `response classifier regex: ${message}`);
    return {
      id: "regex",
      classify: ({ parts }) => {
        const search = patterns.search(tell);
        parts.some((part) => (part.type === "text" || part.type === "refusal") && search.look(part.text));
        return search.found;
      },
    };
  },
});
