import { asString, type JsonObject } from "../../../../core/json.ts";
import type { DocumentPart, MediaSource, OpaquePart, Part } from "../../../../core/part.ts";
import { normalMediaType, sniffMedia } from "../../../media.ts";
import { objectField, stringField } from "./read-fields.ts";

/** `inlineData`: what it is is said by its type, or by its first bytes. */
export function readInlineData(part: JsonObject, inline: JsonObject, path: string): Part {
  const data = plainBase64(stringField(inline, "data", `${path}.data`) ?? "");
  const declared = normalMediaType(stringField(inline, "mimeType", `${path}.mimeType`) ?? "");
  const mediaType = sniffMedia(data) ?? declared;
  const title = asString(inline["displayName"]);
  if (mediaType.startsWith("image/")) {
    const image: Part = { type: "image", source: { kind: "base64", mediaType, data } };
    return { ...image, ...detailOf(part) };
  }
  if (mediaType.startsWith("audio/")) return { type: "audio", data, format: audioFormat(mediaType) };
  if (mediaType.startsWith("text/")) {
    const text = Buffer.from(data, "base64").toString("utf8");
    return document({ kind: "text", text }, title);
  }
  if (mediaType === "application/pdf") return document({ kind: "base64", mediaType, data }, title);
  return opaque(`inlineData ${mediaType}`, part);
}

/** `fileData`: a page on the web, or a file that was uploaded to Google. */
export function readFileData(part: JsonObject, file: JsonObject, path: string): Part {
  const uri = stringField(file, "fileUri", `${path}.fileUri`) ?? "";
  const mediaType = normalMediaType(stringField(file, "mimeType", `${path}.mimeType`) ?? "") || typeOfName(uri);
  const title = asString(file["displayName"]);
  const source: MediaSource = isOnTheWeb(uri)
    ? { kind: "url", url: uri }
    : { kind: "file", dialect: "gemini", id: uri };
  if (mediaType.startsWith("image/")) return { type: "image", source, ...detailOf(part) };
  if (mediaType === "application/pdf" || mediaType.startsWith("text/")) return document(source, title);
  return opaque(`fileData ${mediaType}`.trim(), part);
}

/** Only Google can fetch what is at Google's own addresses, and only it looks at videos of YouTube. */
function isOnTheWeb(uri: string): boolean {
  return (
    /^https?:\/\//i.test(uri) && !/^https?:\/\/(?:[\w-]+\.)*(?:googleapis\.com|youtube\.com|youtu\.be)\//i.test(uri)
  );
}

function typeOfName(uri: string): string {
  const ending = /\.([a-z0-9]+)(?:[?#].*)?$/i.exec(uri)?.[1]?.toLowerCase() ?? "";
  if (/^(?:png|jpe?g|gif|webp|heic|heif|bmp|avif)$/.test(ending)) return `image/${ending === "jpg" ? "jpeg" : ending}`;
  return ending === "pdf" ? "application/pdf" : "";
}

function document(source: DocumentPart["source"], title: string | undefined): DocumentPart {
  return { type: "document", source, ...(title !== undefined && { title }) };
}

export function opaque(what: string, part: JsonObject): OpaquePart {
  return { type: "opaque", dialect: "gemini", what, value: part };
}

/** Google's servers take bytes in the alphabet of URLs too. */
function plainBase64(data: string): string {
  return /[-_]/.test(data) ? data.replaceAll("-", "+").replaceAll("_", "/") : data;
}

function audioFormat(mediaType: string): string {
  const format = mediaType.slice("audio/".length).replace(/^x-/, "");
  return format === "mpeg" ? "mp3" : format;
}

/** How closely the model is to look: on the part, `{level: "MEDIA_RESOLUTION_HIGH"}`. */
function detailOf(part: JsonObject): { detail?: string } {
  const detail = detailName(asString(objectField(part, "mediaResolution")?.["level"]));
  return detail === undefined ? {} : { detail };
}

/** OpenAI's word for a resolution; undefined where it has none. */
export function detailName(level: string | undefined): string | undefined {
  if (level === undefined) return undefined;
  if (/(?:^|_)LOW$/.test(level)) return "low";
  return /HIGH$/.test(level) ? "high" : undefined;
}
