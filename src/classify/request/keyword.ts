import { z } from "zod";
import type { ChatRequest } from "../../core/request.ts";
import { type Classifier, defineClassifier } from "../classifier.ts";
import { eachText } from "../text/texts.ts";
import { Search, WordFinder } from "../text/word-finder.ts";

/** Tags a request by words in its prompt. */
export const keyword = defineClassifier({
  name: "keyword",
  schema: z.strictObject({
    tags: z
      .record(z.string().min(1), z.array(z.string().min(1)))
      .default({})
      .describe("Tag = words, any of which sets it; upper and lower case are the same."),
  }),
  create: ({ tags }): Classifier => {
    const wanted = Object.entries(tags).filter(([, words]) => words.length > 0);
    if (wanted.length === 0) return { id: "keyword", classify: () => [] };
    const finder = new WordFinder(wanted.map(([, words]) => words));
    const names = wanted.map(([tag]) => tag);
    return { id: "keyword", classify: (request) => tagsIn(request, finder, names) };
  },
});

function tagsIn(request: ChatRequest, finder: WordFinder, names: readonly string[]): string[] {
  const search = new Search(finder);
  eachText(request, (text) => {
    search.look(text);
    return search.isOver;
  });
  return names.filter((_, index) => search.found.has(index));
}
