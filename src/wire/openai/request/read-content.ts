import { asString, isObject, type Json, type JsonObject } from "../../../core/json.ts";
import type {
  AudioPart,
  CacheMark,
  DocumentPart,
  ImagePart,
  MediaSource,
  OpaquePart,
  Part,
  RefusalPart,
  TextPart,
} from "../../../core/part.ts";
import { isPdf, parseDataUrl, sniffMedia } from "../../media.ts";
import { badField } from "./fields.ts";

type ContentPart = TextPart | ImagePart | DocumentPart | AudioPart | RefusalPart | OpaquePart;

/** `content` of any role. An empty string is no part at all, so that nobody downstream has to send an empty block. */
export function readContent(content: Json | undefined, path: string): Part[] {
  if (content === undefined || content === null || content === "") return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!Array.isArray(content)) throw badField(path, "must be a string or an array of content parts");
  return content.map((entry, index) => readPart(entry, `${path}[${index}]`));
}

function readPart(entry: Json, path: string): Part {
  if (typeof entry === "string") return { type: "text", text: entry };
  if (!isObject(entry)) throw badField(path, "must be a content part");
  const part = partOf(entry, path);
  const cache = readCacheMark(entry);
  if (cache && part.type !== "refusal" && part.type !== "opaque") part.cache = cache;
  return part;
}

function partOf(entry: JsonObject, path: string): ContentPart {
  const type = entry["type"];
  switch (type) {
    case "text":
      return { type: "text", text: requiredText(entry["text"], `${path}.text`) };
    case "refusal":
      return { type: "refusal", text: requiredText(entry["refusal"], `${path}.refusal`) };
    case "image_url":
      return imageOf(entry["image_url"], `${path}.image_url`);
    case "input_audio":
      return audioOf(entry["input_audio"], `${path}.input_audio`);
    case "file":
      return documentOf(entry["file"], `${path}.file`);
  }
  if (typeof type !== "string") throw badField(`${path}.type`, "must be the type of a content part");
  return { type: "opaque", dialect: "openai", what: type, value: entry };
}

/** OpenAI's own mark, or Anthropic's, which many clients send to Chat gateways. */
export function readCacheMark(entry: JsonObject): CacheMark | undefined {
  const mark = entry["prompt_cache_breakpoint"] ?? entry["cache_control"];
  if (!isObject(mark)) return undefined;
  const ttl = asString(mark["ttl"]);
  return ttl === undefined ? {} : { ttl };
}

function imageOf(value: Json | undefined, path: string): ImagePart | DocumentPart {
  const url = isObject(value) ? value["url"] : value;
  const source = mediaSource(requiredText(url, `${path}.url`));
  if (isPdf(source)) return { type: "document", source };
  const detail = isObject(value) ? asString(value["detail"]) : undefined;
  return detail === undefined ? { type: "image", source } : { type: "image", source, detail };
}

/** Labels are often wrong and Anthropic refuses a wrong one, so the bytes decide where they can. */
function mediaSource(url: string): MediaSource {
  const inline = parseDataUrl(url);
  if (!inline) return { kind: "url", url };
  return { kind: "base64", mediaType: sniffMedia(inline.data) ?? inline.mediaType, data: inline.data };
}

function audioOf(value: Json | undefined, path: string): AudioPart {
  if (!isObject(value)) throw badField(path, "must be an object");
  return {
    type: "audio",
    data: requiredText(value["data"], `${path}.data`),
    format: requiredText(value["format"], `${path}.format`),
  };
}

function documentOf(value: Json | undefined, path: string): DocumentPart {
  if (!isObject(value)) throw badField(path, "must be an object");
  const title = asString(value["filename"]);
  const source = fileSource(value, path);
  return title === undefined ? { type: "document", source } : { type: "document", source, title };
}

function fileSource(file: JsonObject, path: string): MediaSource {
  const id = asString(file["file_id"]);
  if (id !== undefined) return { kind: "file", dialect: "openai", id };
  const data = requiredText(file["file_data"], `${path}.file_data`);
  if (/^(?:data|https?):/i.test(data)) return mediaSource(data);
  return { kind: "base64", mediaType: sniffMedia(data) ?? "application/octet-stream", data };
}

function requiredText(value: Json | undefined, path: string): string {
  if (typeof value !== "string") throw badField(path, "must be a string");
  return value;
}
