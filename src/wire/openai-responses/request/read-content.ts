import { asObject, asString, isObject, type Json, type JsonObject, objectsOf } from "../../../core/json.ts";
import type { AudioPart, CacheMark, DocumentPart, ImagePart, MediaSource, Part, TextPart } from "../../../core/part.ts";
import { isPdf, parseDataUrl, sniffMedia } from "../../media.ts";
import { citationOf } from "../citations.ts";
import { invalid, requiredString } from "./fields.ts";

/** The content of a message or of a tool's output: a string, or a list of parts. */
export function readContent(content: Json | undefined, path: string): Part[] {
  if (content === undefined || content === null) return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!Array.isArray(content)) throw invalid(path, "must be a string or an array");
  return content.map((part, index) => readPart(part, `${path}[${index}]`));
}

function readPart(part: Json, path: string): Part {
  if (typeof part === "string") return { type: "text", text: part };
  if (!isObject(part)) throw invalid(path, "must be an object");
  const type = requiredString(part, "type", `${path}.type`);
  switch (type) {
    case "input_text":
    case "output_text":
    case "text":
      return readText(part, path);
    case "refusal":
      return { type: "refusal", text: asString(part["refusal"]) ?? "" };
    case "input_image":
      return readImage(part, path);
    case "input_file":
      return readFile(part, path);
    case "input_audio":
      return readAudio(part, path);
    default:
      return { type: "opaque", dialect: "openai-responses", what: type, value: part };
  }
}

function readText(part: JsonObject, path: string): TextPart {
  const { text } = part;
  if (typeof text !== "string") throw invalid(`${path}.text`, "must be a string");
  const read: TextPart = { type: "text", text, ...cacheOf(part) };
  const citations = objectsOf(part["annotations"]).map(citationOf);
  if (citations.length > 0) read.citations = citations;
  return read;
}

function readImage(part: JsonObject, path: string): ImagePart | DocumentPart {
  // Chat's `{image_url: {url}}` is a common slip, and its meaning is plain.
  const url = asString(part["image_url"]) ?? asString(asObject(part["image_url"])?.["url"]);
  const source = sourceOf(part, url, path, "image_url");
  if (isPdf(source)) return { type: "document", source, ...cacheOf(part) };
  const image: ImagePart = { type: "image", source, ...cacheOf(part) };
  const detail = asString(part["detail"]);
  if (detail !== undefined) image.detail = detail;
  return image;
}

function readFile(part: JsonObject, path: string): DocumentPart {
  const filename = asString(part["filename"]);
  const data = asString(part["file_data"]);
  const source =
    data !== undefined && !data.startsWith("data:")
      ? fileSource(data, filename)
      : sourceOf(part, data ?? asString(part["file_url"]), path, "file_data");
  const document: DocumentPart = { type: "document", source, ...cacheOf(part) };
  if (filename !== undefined) document.title = filename;
  return document;
}

function readAudio(part: JsonObject, path: string): AudioPart {
  const audio = asObject(part["input_audio"]);
  const data = asString(audio?.["data"]);
  if (data === undefined) throw invalid(`${path}.input_audio.data`, "is required");
  return { type: "audio", data, format: asString(audio?.["format"]) ?? "wav", ...cacheOf(part) };
}

function sourceOf(part: JsonObject, url: string | undefined, path: string, name: string): MediaSource {
  if (url === undefined) {
    const id = asString(part["file_id"]);
    if (id === undefined) throw invalid(`${path}.${name}`, "is required");
    return { kind: "file", dialect: "openai-responses", id };
  }
  const inline = parseDataUrl(url);
  if (inline === undefined) return { kind: "url", url };
  return { kind: "base64", mediaType: sniffMedia(inline.data) ?? inline.mediaType, data: inline.data };
}

function fileSource(data: string, filename: string | undefined): MediaSource {
  const mediaType = sniffMedia(data) ?? (filename?.endsWith(".txt") ? "text/plain" : "application/octet-stream");
  return { kind: "base64", mediaType, data };
}

function cacheOf(part: JsonObject): { cache?: CacheMark } {
  const mark = asObject(part["prompt_cache_breakpoint"]);
  if (mark === undefined) return {};
  const ttl = asString(mark["ttl"]);
  return { cache: ttl === undefined ? {} : { ttl } };
}
