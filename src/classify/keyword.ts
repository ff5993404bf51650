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
  eachText(request, (text) => {
    if (!open.some(({ words }) => words.test(text))) return;
    const matched = open.filter(({ words }) => words.test(text));
    for (const { tag } of matched) found.push(tag);
    open = open.filter((one) => !matched.includes(one));
  });
  return found;
}

/** What people and models said, and text they attached. Never media, tool calls, tool results or reasoning. */
function eachText(request: ChatRequest, look: (text: string) => void): void {
  for (const part of request.system) lookAt(part, look);
  for (const message of request.messages) for (const part of message.parts) lookAt(part, look);
}

function lookAt(part: Part, look: (text: string) => void): void {
  if (part.type === "text" || part.type === "refusal") look(part.text);
  if (part.type !== "document") return;
  // A privacy rule that a pasted file slips past would not be one.
  if (part.source.kind === "text") look(part.source.text);
  if (part.title !== undefined) look(part.title);
  if (part.context !== undefined) look(part.context);
}
