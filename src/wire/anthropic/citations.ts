import { asString, type Json, type JsonObject } from "../../core/json.ts";
import type { Citation } from "../../core/part.ts";
import type { Lost } from "../loss/lost.ts";

/** Anthropic's citations are of the whole text block; `end` is its length, where it is known. */
export function readCitation(raw: JsonObject, end?: number): Citation {
  const citation: Citation = { raw: { dialect: "anthropic", value: raw } };
  const source = asString(raw["source"]);
  const url = asString(raw["url"]) ?? (source && /^https?:/.test(source) ? source : undefined);
  const title = asString(raw["title"]) ?? asString(raw["document_title"]);
  const citedText = asString(raw["cited_text"]);
  if (url !== undefined) citation.url = url;
  if (title !== undefined) citation.title = title;
  if (citedText !== undefined) citation.citedText = citedText;
  if (end !== undefined) {
    citation.start = 0;
    citation.end = end;
  }
  return citation;
}

/** For an answer. A citation of another dialect can be shown, but its `encrypted_index` is empty: not to be replayed. */
export function writeCitation(citation: Citation, lost: Lost): Json | undefined {
  if (citation.raw?.dialect === "anthropic") return citation.raw.value;
  if (citation.url === undefined) {
    lost("citations");
    return undefined;
  }
  return {
    type: "web_search_result_location",
    url: citation.url,
    title: citation.title ?? null,
    cited_text: citation.citedText ?? "",
    encrypted_index: "",
  };
}

/** For a request: only what Anthropic itself made goes back to it. */
export function replayableCitations(citations: readonly Citation[]): Json[] {
  return citations.flatMap(({ raw }) => (raw?.dialect === "anthropic" && !isEmptyIndex(raw.value) ? [raw.value] : []));
}

/** Whether some of these were written by `writeCitation` for another provider's answer. */
export function hasForeignCitation(citations: readonly Citation[]): boolean {
  return citations.some(({ raw }) => raw?.dialect === "anthropic" && isEmptyIndex(raw.value));
}

function isEmptyIndex(value: Json): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && value["encrypted_index"] === "";
}
