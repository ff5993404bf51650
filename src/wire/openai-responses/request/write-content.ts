import { isObject, type JsonObject } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { CacheMark, DocumentPart, ImagePart, MediaSource, Part } from "../../../core/part.ts";
import { formatDataUrl } from "../../media.ts";
import { breakpointOf } from "../../openai/cache-mark.ts";

/** Where a part stands, and who hears of what could not be carried. */
export interface Place {
  path: string;
  losses: Losses;
  /** Whether the model knows `prompt_cache_breakpoint`. */
  cacheMarks: boolean;
}

/** Parts as input content; what an input cannot hold is told as a loss. */
export function writeInputContent(parts: readonly Part[], place: Place): JsonObject[] {
  const content: JsonObject[] = [];
  parts.forEach((part, index) => {
    const written = writeInputPart(part, { ...place, path: `${place.path}[${index}]` });
    if (written !== undefined) content.push(written);
  });
  return content;
}

function writeInputPart(part: Part, place: Place): JsonObject | undefined {
  switch (part.type) {
    case "text":
      return { type: "input_text", text: part.text, ...breakpoint(part.cache, place) };
    case "refusal":
      return { type: "input_text", text: part.text };
    case "image":
      return writeImage(part, place);
    case "document":
      return writeDocument(part, place);
    case "audio":
      return { type: "input_audio", input_audio: { data: part.data, format: part.format } };
    case "opaque":
      if (part.dialect === "openai-responses" && isContentPart(part.what) && isObject(part.value)) return part.value;
      place.losses.drop("opaque_parts", `${place.path}(${part.what})`);
      return undefined;
    default:
      place.losses.drop("opaque_parts", `${place.path}(${part.type})`);
      return undefined;
  }
}

/** Items and content parts are told apart by their names alone; those of items are calls, outputs and references. */
export function isContentPart(what: string): boolean {
  return what.startsWith("input_") || what === "computer_screenshot";
}

function writeImage(part: ImagePart, place: Place): JsonObject | undefined {
  const source = writeSource(part.source, place, "image_url", "image_url");
  return source && { type: "input_image", detail: part.detail ?? "auto", ...source, ...breakpoint(part.cache, place) };
}

function writeDocument(part: DocumentPart, place: Place): JsonObject | undefined {
  if (part.citations) place.losses.drop("citations", `${place.path}.citations`);
  if (part.context !== undefined) place.losses.drop("unknown_fields", `${place.path}.context`);
  if (part.source.kind === "text") {
    const text = part.title === undefined ? part.source.text : `${part.title}\n\n${part.source.text}`;
    return { type: "input_text", text, ...breakpoint(part.cache, place) };
  }
  const source = writeSource(part.source, place, "file_data", "file_url");
  // OpenAI refuses file data without a name.
  const filename = part.title ?? (part.source.kind === "base64" ? nameFor(part.source.mediaType) : undefined);
  return (
    source && {
      type: "input_file",
      ...(filename !== undefined && { filename }),
      ...source,
      ...breakpoint(part.cache, place),
    }
  );
}

function nameFor(mediaType: string): string {
  const [, extension = "bin"] = mediaType.split("/");
  return `document.${extension === "plain" ? "txt" : extension}`;
}

function writeSource(source: MediaSource, place: Place, data: string, url: string): JsonObject | undefined {
  switch (source.kind) {
    case "base64":
      return { [data]: formatDataUrl(source.mediaType, source.data) };
    case "url":
      return { [url]: source.url };
    case "file":
      // Both of OpenAI's APIs share one store of files.
      if (source.dialect === "openai-responses" || source.dialect === "openai") return { file_id: source.id };
      place.losses.drop("file_id", place.path);
      return undefined;
  }
}

function breakpoint(cache: CacheMark | undefined, place: Place): JsonObject | undefined {
  if (cache === undefined) return undefined;
  if (place.cacheMarks) return breakpointOf(cache, place.losses);
  place.losses.list.push({ field: `${place.path}.cache_control`, treatment: "dropped", class: "silent" });
  return undefined;
}
