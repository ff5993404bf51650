import { z } from "zod";
import type { ChatResponse } from "../../core/response.ts";
import { defineClassifier, type ResponseClassifier } from "../classifier.ts";

/** How models usually begin to decline. */
export const REFUSAL_PHRASES = [
  "I can't help with",
  "I cannot help with",
  "I can't assist with",
  "I cannot assist with",
  "I'm sorry, but I can't",
  "I'm unable to",
  "I won't be able to",
  "I must decline",
] as const;

/** Tags an answer in which the model declined. */
export const refusal = defineClassifier({
  name: "refusal",
  schema: z.strictObject({
    phrases: z
      .array(z.string().min(1))
      .default([...REFUSAL_PHRASES])
      .describe("Any of these in the answer means it is a refusal."),
  }),
  create: ({ phrases }): ResponseClassifier => {
    const wanted = phrases.map(plain);
    return { id: "refusal", classify: (response) => (isRefusal(response, wanted) ? ["refusal"] : []) };
  },
});

/** A provider that says outright that it declined is believed without a phrase. */
function isRefusal(response: ChatResponse, phrases: readonly string[]): boolean {
  if (response.finish.reason === "refusal") return true;
  return response.parts.some((part) => {
    if (part.type === "refusal") return true;
    if (part.type !== "text") return false;
    const text = plain(part.text);
    return phrases.some((phrase) => text.includes(phrase));
  });
}

/** Lower case, straight apostrophes: many models write curly ones. */
function plain(text: string): string {
  return text.toLowerCase().replaceAll("\u2019", "'");
}
