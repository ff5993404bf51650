import { asNumber, asObject, asString, type Json, type JsonObject, objectsOf } from "../../../core/json.ts";
import type { Citation } from "../../../core/part.ts";

/** `annotations` of a message or delta. */
export function readAnnotations(value: Json | undefined): Citation[] {
  return objectsOf(value).map(readAnnotation);
}

function readAnnotation(annotation: JsonObject): Citation {
  const inner = asObject(annotation["url_citation"]) ?? annotation;
  const url = asString(inner["url"]);
  const title = asString(inner["title"]);
  const start = asNumber(inner["start_index"]);
  const end = asNumber(inner["end_index"]);
  return {
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    raw: { dialect: "openai", value: annotation },
  };
}

/** `offset` and `length`: where the block stands in the whole content, for citations that name no place of their own. */
export function writeAnnotation(citation: Citation, offset: number, length: number): JsonObject | undefined {
  if (citation.url === undefined) {
    const raw = citation.raw?.dialect === "openai" ? asObject(citation.raw.value) : undefined;
    return raw;
  }
  return {
    type: "url_citation",
    url_citation: {
      url: citation.url,
      title: citation.title ?? "",
      start_index: offset + (citation.start ?? 0),
      end_index: offset + (citation.end ?? length),
    },
  };
}
