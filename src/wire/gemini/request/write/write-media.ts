import type { JsonObject } from "../../../../core/json.ts";
import type { AudioPart, DocumentPart, ImagePart, MediaSource } from "../../../../core/part.ts";
import { normalMediaType, sniffMedia } from "../../../media.ts";
import type { Draft } from "./draft.ts";

/** Files that are Google's to read: its Files API, Cloud Storage, videos. */
const GOOGLE =
  /^(?:https:\/\/generativelanguage\.googleapis\.com\/|gs:\/\/|https:\/\/(?:www\.)?youtube\.com\/|https:\/\/youtu\.be\/)/;

/** The API wants a type beside each address, and a URL tells it at most by its ending. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["webp", "image/webp"],
  ["gif", "image/gif"],
  ["bmp", "image/bmp"],
  ["heic", "image/heic"],
  ["heif", "image/heif"],
  ["pdf", "application/pdf"],
  ["txt", "text/plain"],
  ["md", "text/plain"],
  ["html", "text/html"],
  ["css", "text/css"],
  ["csv", "text/csv"],
  ["json", "application/json"],
  ["mp4", "video/mp4"],
]);

export function writeImage(part: ImagePart, field: string, draft: Draft): JsonObject[] {
  const { source } = part;
  if (source.kind === "base64") {
    const mimeType = sniffMedia(source.data) ?? normalMediaType(source.mediaType);
    return [{ inlineData: { mimeType, data: source.data } }];
  }
  return writeAddress(source, "image_url", "image/jpeg", field, draft);
}

/** A title or context goes before the document, since the API has no field for it. */
export function writeDocument(part: DocumentPart, field: string, draft: Draft): JsonObject[] {
  const { source } = part;
  if (part.citations) draft.losses.drop("citations", `${field}.citations`);
  const head = [part.title, part.context].filter((line) => line !== undefined && line !== "").join("\n");
  if (source.kind === "text") return [{ text: `${head === "" ? "" : `${head}\n`}${source.text}`.toWellFormed() }];
  const written =
    source.kind === "base64"
      ? writeData(source.data, source.mediaType, field, draft)
      : writeAddress(source, "document_url", "application/pdf", field, draft);
  return head === "" || written.length === 0 ? written : [{ text: head.toWellFormed() }, ...written];
}

function writeData(data: string, declared: string, field: string, { losses }: Draft): JsonObject[] {
  const mimeType = sniffMedia(data) ?? normalMediaType(declared);
  if (mimeType.startsWith("text/") || mimeType === "application/json")
    return [{ text: Buffer.from(data, "base64").toString("utf8") }];
  if (mimeType === "application/pdf" || /^(?:image|audio|video)\//.test(mimeType))
    return [{ inlineData: { mimeType, data } }];
  losses.reject(field, `no document type for ${mimeType}`);
  return [];
}

function writeAddress(
  source: Exclude<MediaSource, { kind: "base64" }>,
  feature: "image_url" | "document_url",
  fallbackType: string,
  field: string,
  { rules, losses }: Draft,
): JsonObject[] {
  if (source.kind === "file") {
    if (source.dialect === "gemini") return [{ fileData: { fileUri: source.id } }];
    losses.drop("file_id", field);
    return [];
  }
  const { url } = source;
  if (GOOGLE.test(url) || (rules.webUrls && url.startsWith("https://")))
    return [{ fileData: { mimeType: typeOfUrl(url) ?? fallbackType, fileUri: url } }];
  losses.reject(field, `the model fetches no ${feature === "image_url" ? "image" : "document"} from this address`);
  return [];
}

function typeOfUrl(url: string): string | undefined {
  const path = url.split(/[?#]/, 1)[0] ?? "";
  return TYPES.get(path.slice(path.lastIndexOf(".") + 1).toLowerCase());
}

export function writeAudio({ data, format }: AudioPart): JsonObject[] {
  return [{ inlineData: { mimeType: format.includes("/") ? format : `audio/${format}`, data } }];
}
