import type { Citation } from "../../../core/part.ts";
import { cutText } from "./plain-text.ts";
import type { Source, Sources } from "./sources.ts";

/** As long as Anthropic's own quotes. */
const MAX_QUOTE = 150;
/** Of one block; an answer that is nothing but numbers gets no more. */
const MAX_CITATIONS = 500;

/**
 * Code, in which brackets mean something else; markdown links; numbers in brackets, several at once too; and the brackets that
 * gpt-oss models write. No part can be read in two ways, so that the time is in proportion to the text.
 */
const MARKS = new RegExp(
  [
    /(?<code>```[\s\S]*?(?:```|$)|`[^`\n]*`)/,
    /\[[^[\]\n]{0,300}\]\(<?(?<url>https?:\/\/[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+"[^"\n]{0,300}")?\)/,
    /(?<![\w\])])\[(?<numbers>\d{1,4}(?:(?:\s?[,;]\s?|\]\[)\d{1,4}){0,20})\](?![([])/,
    /【(?<wide>\d{1,4})(?:†[^【】\n]{0,100})?】/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);

/** Where a text names the sources, by number or by address. Each citation spans the mark in the text. */
export function findCitations(text: string, sources: Sources): Citation[] {
  if (sources.size === 0) return [];
  const citations: Citation[] = [];
  for (const match of text.matchAll(MARKS)) {
    for (const source of sourcesOf(match.groups ?? {}, sources)) {
      citations.push(citationOf(source, match.index, match.index + match[0].length));
      if (citations.length === MAX_CITATIONS) return citations;
    }
  }
  return citations;
}

function sourcesOf({ url, numbers, wide }: Record<string, string | undefined>, sources: Sources): Source[] {
  const named = url === undefined ? undefined : sources.byUrl(url);
  if (url !== undefined) return named ? [named] : [];
  const listed = (numbers ?? wide ?? "").match(/\d+/g) ?? [];
  const found = listed.map((number) => sources.byNumber(Number(number)));
  return [...new Set(found.filter((source) => source !== undefined))];
}

function citationOf({ url, title, text }: Source, start: number, end: number): Citation {
  return { url, title, ...(text !== "" && { citedText: cutText(text, MAX_QUOTE) }), start, end };
}
