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
      .map(([tag, words]): Wanted => ({ tag, words: words.map((word) => word.toLowerCase()) }));
    return { id: "keyword", classify: (request) => (wanted.length === 0 ? [] : tagsIn(request, wanted)) };
  },
});

interface Wanted {
  tag: string;
  words: string[];
}

/** Each text is lower-cased once and looked at where it is: joining a 60 KB prompt would cost more than searching it. */
function tagsIn(request: ChatRequest, wanted: readonly Wanted[]): string[] {
  const found: string[] = [];
  let open = wanted;
  for (const text of textsOf(request)) {
    const lower = text.toLowerCase();
    const matched = open.filter(({ words }) => words.some((word) => lower.includes(word)));
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
