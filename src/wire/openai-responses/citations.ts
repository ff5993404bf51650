import { asNumber, asString, type JsonObject } from "../../core/json.ts";
import type { Citation } from "../../core/part.ts";

/** An annotation of OpenAI's (`url_citation`, `file_citation`, …) as a citation; `raw` keeps what the vocabulary cannot. */
export function citationOf(annotation: JsonObject): Citation {
  const citation: Citation = { raw: { dialect: "openai-responses", value: annotation } };
  const url = asString(annotation["url"]);
  const title = asString(annotation["title"]) ?? asString(annotation["filename"]);
  const start = asNumber(annotation["start_index"]);
  const end = asNumber(annotation["end_index"]);
  if (url !== undefined) citation.url = url;
  if (title !== undefined) citation.title = title;
  if (start !== undefined) citation.start = start;
  if (end !== undefined) citation.end = end;
  return citation;
}

/**
 * The annotation for a citation in a text that is `length` long so far; undefined when it names no page, which OpenAI's
 * annotations cannot say.
 */
export function annotationOf(citation: Citation, length: number): JsonObject | undefined {
  const raw = citation.raw;
  if (raw?.dialect === "openai-responses" && typeof raw.value === "object" && raw.value !== null)
    return Array.isArray(raw.value) ? undefined : raw.value;
  if (citation.url === undefined) return undefined;
  return {
    type: "url_citation",
    url: citation.url,
    title: citation.title ?? "",
    start_index: citation.start ?? 0,
    end_index: citation.end ?? length,
  };
}
