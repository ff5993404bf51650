import { z } from "zod";
import { estimateTokens } from "../../core/estimate/estimate.ts";
import type { Part } from "../../core/part.ts";
import { type ChatRequest, hasImage, type Reasoning } from "../../core/request.ts";
import type { ClientFacts } from "../../core/stage-tools.ts";
import { type Classifier, defineClassifier } from "../classifier.ts";
import { languageOf } from "../text/language.ts";
import { lastUserText } from "../text/texts.ts";

const TAGS = ["vision", "tools", "pdf", "audio", "long-context", "json", "thinking", "agent", "lang"] as const;
type Tag = (typeof TAGS)[number];

interface Facts {
  request: ChatRequest;
  client: ClientFacts;
  longTokens: number;
}

/** The tags a request has by what it is: true stands for the name of the group itself. */
const FACTS: Readonly<Record<Tag, (facts: Facts) => boolean | string | undefined>> = {
  vision: ({ request }) => hasImage(request),
  tools: ({ request }) => request.tools.length > 0,
  pdf: ({ request }) => hasPart(request, isPdf),
  audio: ({ request }) => hasPart(request, ({ type }) => type === "audio"),
  "long-context": ({ request, longTokens }) => estimateTokens(request) >= longTokens,
  json: ({ request }) => request.output !== undefined,
  thinking: ({ request }) => request.reasoning !== undefined && asksToThink(request.reasoning),
  agent: ({ client }) => client.agent,
  lang: ({ request }) => languageOf(lastUserText(request)),
};

/** Tags a request by what it holds and asks for. */
export const structure = defineClassifier({
  name: "structure",
  schema: z.strictObject({
    tags: z
      .array(z.enum(TAGS))
      .default([...TAGS])
      .describe("Which tags it may set; `agent` and `lang` stand for `agent:NAME` and `lang:CODE`."),
    long_context_tokens: z
      .int()
      .positive()
      .default(50_000)
      .describe("A prompt of so many tokens, estimated, is `long-context`."),
  }),
  create: ({ tags, long_context_tokens: longTokens }): Classifier => ({
    id: "structure",
    classify: (request, { client }) => {
      const facts = { request, client, longTokens };
      return tags.flatMap((tag) => {
        const fact = FACTS[tag](facts);
        if (typeof fact === "string") return [`${tag}:${fact}`];
        return fact ? [tag] : [];
      });
    },
  }),
});

function hasPart(request: ChatRequest, is: (part: Part) => boolean): boolean {
  const isInside = (part: Part): boolean => is(part) || (part.type === "tool-result" && part.parts.some(isInside));
  return request.messages.some(({ parts }) => parts.some(isInside));
}

/** What a document's address or id leads to is not known; by address APIs take PDFs only. */
function isPdf(part: Part): boolean {
  if (part.type !== "document") return false;
  const { source } = part;
  return source.kind === "url" || (source.kind === "base64" && source.mediaType === "application/pdf");
}

function asksToThink({ mode, effort, budgetTokens }: Reasoning): boolean {
  if (mode !== undefined) return mode !== "off";
  if (effort !== undefined) return effort !== "none";
  return budgetTokens !== undefined && budgetTokens > 0;
}
