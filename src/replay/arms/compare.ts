import { isDeepStrictEqual } from "node:util";
import type { Answer, ArmAnswer } from "./result.ts";

type Compared = Pick<Answer, "text" | "tool_calls">;

/** How an answer stands to the logged one. */
export function compare(
  logged: Compared,
  answer: Compared,
): Pick<ArmAnswer, "similarity" | "same_tools" | "same_arguments"> {
  const called = logged.tool_calls.length + answer.tool_calls.length > 0;
  const names = (one: Compared) => one.tool_calls.map(({ name }) => name);
  return {
    similarity: similarity(logged.text, answer.text),
    same_tools: called ? isDeepStrictEqual(names(logged), names(answer)) : null,
    same_arguments: called ? isDeepStrictEqual(logged.tool_calls, answer.tool_calls) : null,
  };
}

/**
 * The share of words two texts have in common, 0 to 1 (Sørensen and Dice's coefficient of their words, each as often as it
 * stands there; upper and lower case are the same). It knows nothing of order or meaning. Null: neither has a word.
 */
export function similarity(one: string, other: string): number | null {
  const words = wordsOf(one);
  const others = wordsOf(other);
  if (words.length + others.length === 0) return null;
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of others) {
    const left = counts.get(word) ?? 0;
    if (left === 0) continue;
    counts.set(word, left - 1);
    common++;
  }
  return (2 * common) / (words.length + others.length);
}

/** Also of scripts that have no blanks between words. */
const SEGMENTER = new Intl.Segmenter("en", { granularity: "word" });

function wordsOf(text: string): string[] {
  return [...SEGMENTER.segment(text.toLowerCase())].flatMap(({ segment, isWordLike }) => (isWordLike ? segment : []));
}
