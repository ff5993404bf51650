import type { Json, JsonObject } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { CacheMark, DocumentPart, ImagePart, MediaSource, Part } from "../../../core/part.ts";
import type { ChatRequest } from "../../../core/request.ts";
import type { TargetInfo } from "../../format.ts";
import { formatDataUrl } from "../../media.ts";
import { breakpointOf } from "../cache-mark.ts";

/** What a content writer needs to know besides the part. */
export interface ContentContext {
  request: ChatRequest;
  target: TargetInfo;
  losses: Losses;
  /** Whether the server knows `prompt_cache_breakpoint`. */
  cacheMarks: boolean;
}

/** Parts as an array of Chat content parts; `path` names the message for losses. */
export function writeParts(parts: readonly Part[], path: string, context: ContentContext): JsonObject[] {
  const written: JsonObject[] = [];
  parts.forEach((part, index) => {
    const value = writePart(part, `${path}.content[${index}]`, context);
    if (value) written.push(value);
  });
  return written;
}

/** A plain string where that says everything: many servers' templates take nothing else. */
export function contentOf(parts: JsonObject[]): Json {
  const [only, more] = parts;
  if (only === undefined) return "";
  const plain = more === undefined && only["type"] === "text" && !("prompt_cache_breakpoint" in only);
  return plain ? (only["text"] ?? "") : parts;
}

function writePart(part: Part, path: string, context: ContentContext): JsonObject | undefined {
  switch (part.type) {
    case "text":
      // A lone surrogate is a 400 at several providers.
      return { type: "text", text: part.text.toWellFormed(), ...breakpoint(part.cache, path, context) };
    case "image":
      return { ...writeImage(part, path, context), ...breakpoint(part.cache, path, context) };
    case "document": {
      const written = writeDocument(part, path, context);
      return written && { ...written, ...breakpoint(part.cache, path, context) };
    }
    case "audio":
      return {
        type: "input_audio",
        input_audio: { data: part.data, format: part.format },
        ...breakpoint(part.cache, path, context),
      };
    case "refusal":
      return { type: "refusal", refusal: part.text };
    case "opaque":
      return writeOpaque(part.dialect, part.value, path, context.losses);
    default:
      return undefined; // calls, results and reasoning have their own places in a message
  }
}

function writeOpaque(dialect: string, value: Json, path: string, losses: Losses): JsonObject | undefined {
  if (dialect === "openai" && typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  losses.drop("opaque_parts", path);
  return undefined;
}

export function breakpoint(cache: CacheMark | undefined, path: string, context: ContentContext): JsonObject {
  if (!cache) return {};
  if (context.cacheMarks) return breakpointOf(cache, context.losses);
  context.losses.drop("cache_marks", `${path}.cache_control`);
  return {};
}

function writeImage(part: ImagePart, path: string, context: ContentContext): JsonObject | undefined {
  const url = urlOf(part.source);
  if (url === undefined) return fileById(part.source, path, context);
  const { detail } = part;
  return { type: "image_url", image_url: { url, ...(detail !== undefined && { detail }) } };
}

function urlOf(source: MediaSource): string | undefined {
  if (source.kind === "url") return source.url;
  return source.kind === "base64" ? formatDataUrl(source.mediaType, source.data) : undefined;
}

function fileById(source: MediaSource, path: string, context: ContentContext): JsonObject | undefined {
  if (source.kind !== "file") return undefined;
  if (source.dialect === "openai" || source.dialect === "openai-responses") {
    return { type: "file", file: { file_id: source.id } };
  }
  context.losses.reject(path, "a file id of another provider");
  return undefined;
}

function writeDocument(part: DocumentPart, path: string, context: ContentContext): JsonObject | undefined {
  const { source, title } = part;
  if (part.citations) context.losses.drop("citations", `${path}.citations`);
  if (source.kind === "text") return { type: "text", text: documentText(part, source.text) };
  if (part.context !== undefined) context.losses.changed(`${path}.context`, "dropped");
  if (source.kind === "file") return fileById(source, path, context);
  // OpenRouter takes URLs here, OpenAI does not: only a Chat client can know that its server does.
  if (source.kind === "url" && context.request.dialect !== "openai") {
    context.losses.drop("document_url", path);
    return undefined;
  }
  const filename = title ?? (source.kind === "base64" ? fileName(source.mediaType) : undefined);
  return { type: "file", file: { ...(filename !== undefined && { filename }), file_data: urlOf(source) } };
}

function fileName(mediaType: string): string {
  return mediaType === "application/pdf" ? "document.pdf" : "document.txt";
}

function documentText(part: DocumentPart, text: string): string {
  const head = [part.title, part.context].filter((line) => line !== undefined && line !== "").join("\n");
  return (head === "" ? text : `${head}\n\n${text}`).toWellFormed();
}
