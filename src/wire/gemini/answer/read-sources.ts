import { asArray, asNumber, asObject, asString, isObject, type JsonObject, objectsOf } from "../../../core/json.ts";
import type { Citation, OpaquePart, WebSearch } from "../../../core/part.ts";
import { callIdFor } from "../../tools/ids.ts";

/** What a candidate says of its sources, beside its parts. It comes with the last chunks, sometimes again and more of it. */
export class SourceReader {
  #grounding: JsonObject | undefined;
  #urlContext: JsonObject | undefined;
  #recited: JsonObject[] = [];

  note(candidate: JsonObject): void {
    const grounding = asObject(candidate["groundingMetadata"]);
    if (grounding) this.#grounding = { ...this.#grounding, ...grounding };
    const urlContext = asObject(candidate["urlContextMetadata"]);
    if (urlContext) this.#urlContext = urlContext;
    const recited = asObject(candidate["citationMetadata"]);
    const sources = objectsOf(recited?.["citationSources"] ?? recited?.["citations"]);
    if (sources.length > 0) this.#recited = sources;
  }

  /** `text`: of the block they belong to. */
  citations(text: string): Citation[] {
    const bytes = Buffer.from(text);
    return [
      ...groundedCitations(this.#grounding, text, bytes),
      ...this.#recited.map((source) => recitation(source, bytes)),
    ];
  }

  /** What is more than citations: the searches, and the pages looked at. */
  parts(answerId: string): OpaquePart[] {
    const parts: OpaquePart[] = [];
    const grounding = this.#grounding;
    const search = grounding && searchOf(grounding, answerId);
    if (search) parts.push({ ...opaque("groundingMetadata", grounding), search });
    if (this.#urlContext) parts.push(opaque("urlContextMetadata", this.#urlContext));
    return parts;
  }
}

/** Under its own name, since it stands beside the parts of a candidate and not among them. */
function opaque(what: string, value: JsonObject): OpaquePart {
  return { type: "opaque", dialect: "gemini", what, value: { [what]: value } };
}

interface Source {
  url: string;
  title?: string;
  /** What the source says, where it is a document of the user's. */
  text?: string;
}

function sourcesOf(grounding: JsonObject | undefined): (Source | undefined)[] {
  return (asArray(grounding?.["groundingChunks"]) ?? []).map((chunk) => {
    if (!isObject(chunk)) return undefined;
    const source = asObject(chunk["web"]) ?? asObject(chunk["retrievedContext"]) ?? asObject(chunk["maps"]);
    const [url, title, text] = [asString(source?.["uri"]), asString(source?.["title"]), asString(source?.["text"])];
    if (url === undefined) return undefined;
    return { url, ...(title !== undefined && { title }), ...(text !== undefined && { text }) };
  });
}

function groundedCitations(grounding: JsonObject | undefined, text: string, bytes: Buffer): Citation[] {
  const sources = sourcesOf(grounding);
  const supports = objectsOf(grounding?.["groundingSupports"]);
  const citations: Citation[] = [];
  for (const support of supports) {
    const place = placeOf(asObject(support["segment"]) ?? {}, text, bytes);
    for (const index of asArray(support["groundingChunkIndices"]) ?? []) {
      const source = typeof index === "number" ? sources[index] : undefined;
      if (source) citations.push({ ...citationOf(source), ...place, raw: { dialect: "gemini", value: support } });
    }
  }
  if (citations.length > 0) return citations;
  return sources.filter((source) => source !== undefined).map(citationOf);
}

function citationOf({ url, title, text }: Source): Citation {
  return { url, ...(title !== undefined && { title }), ...(text !== undefined && { citedText: text }) };
}

/** Google counts bytes of UTF-8. When they do not fit the text it says it is about, that text is looked for. */
function placeOf(segment: JsonObject, text: string, bytes: Buffer): { start?: number; end?: number } {
  const [from, to] = [asNumber(segment["startIndex"]) ?? 0, asNumber(segment["endIndex"])];
  const said = asString(segment["text"]);
  const fits = to !== undefined && to <= bytes.length;
  if (fits && (said === undefined || bytes.toString("utf8", from, to) === said))
    return { start: utf16Offset(bytes, from), end: utf16Offset(bytes, to) };
  const at = said ? text.indexOf(said) : -1;
  return said === undefined || at === -1 ? {} : { start: at, end: at + said.length };
}

function recitation(source: JsonObject, bytes: Buffer): Citation {
  const [url, title] = [asString(source["uri"]), asString(source["title"])];
  const end = asNumber(source["endIndex"]);
  const isPlaced = end !== undefined && end <= bytes.length;
  return {
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(isPlaced && {
      start: utf16Offset(bytes, asNumber(source["startIndex"]) ?? 0),
      end: utf16Offset(bytes, end),
    }),
    raw: { dialect: "gemini", value: source },
  };
}

function utf16Offset(bytes: Buffer, offset: number): number {
  return bytes.toString("utf8", 0, offset).length;
}

function searchOf(grounding: JsonObject, answerId: string): WebSearch | undefined {
  const queries = (asArray(grounding["webSearchQueries"]) ?? []).filter((query) => typeof query === "string");
  const results = sourcesOf(grounding).filter((source) => source !== undefined);
  if (queries.length + results.length === 0) return undefined;
  return {
    id: callIdFor(0, "google_search", answerId || queries.join("\n")).replace("call_", "search_"),
    queries,
    results: results.map(({ url, title }) => ({ url, title: title ?? url })),
  };
}
