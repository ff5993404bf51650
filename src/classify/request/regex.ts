import { type Classifier, defineClassifier } from "../classifier.ts";
import { PatternTags, patternsSchema } from "../text/pattern-tags.ts";
import { eachText } from "../text/texts.ts";

/** Tags a request by patterns in its prompt. */
export const regex = defineClassifier({
  name: "regex",
  schema: patternsSchema,
  create: (settings, { log }): Classifier => {
    const patterns = new PatternTags(settings);
    const tell = (message: string) => log("warn", `classifier regex: ${message}`);
    return {
      id: "regex",
      classify: (request) => {
        const search = patterns.search(tell);
        eachText(request, search.look);
        return search.found;
      },
    };
  },
});
