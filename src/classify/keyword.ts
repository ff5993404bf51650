import { z } from "zod";
import type { Part } from "../core/part.ts";
import type { ChatRequest } from "../core/request.ts";
import { type Classifier, defineClassifier } from "./classifier.ts";

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
    const wanted = Object.entries(tags)
      .filter(([, words]) => words.length > 0)
      .map(([tag, words]): Wanted => ({ tag, words: anyOf(words) }));
    return { id: "keyword", classify: (request) => (wanted.length === 0 ? [] : tagsIn(request, wanted)) };
  },
});

interface Wanted {
  tag: string;
  words: RegExp;
}

/**
 * One expression for all words of a tag, each taken literally. It reads the text where it is: lower-casing or joining a 60 KB
 * prompt for each request would cost more, most of it as garbage.
 */
function anyOf(words: readonly string[]): RegExp {
  // RegExp.escape is not in Node 22.
  const literal = words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return new RegExp(literal.join("|"), "iu");
}

function tagsIn(request: ChatRequest, wanted: readonly Wanted[]): string[] {
  const found: string[] = [];
  let open = wanted;
  for (const text of textsOf(request)) {
    const matched = open.filter(({ words }) => words.test(text));
    if (matched.length === 0) continue;
    for (const { tag } of matched) found.push(tag);
    open = open.filter((one) => !matched.includes(one));
    if (open.length === 0) break;
  }
  return found;
}

function* textsOf(request: ChatRequest): Generator<string> {
  yield* textsIn(request.system);
  for (const message of request.messages) yield* textsIn(message.parts);
}

/** What people and models said, and text they attached. Never media, tool calls, tool results or reasoning. */
function* textsIn(parts: readonly Part[]): Generator<string> {
  for (const part of parts) {
    if (part.type === "text" || part.type === "refusal") yield part.text;
    if (part.type !== "document") continue;
    // A privacy rule that a pasted file slips past would not be one.
    if (part.source.kind === "text") yield part.source.text;
    if (part.title !== undefined) yield part.title;
    if (part.context !== undefined) yield part.context;
  }
}
