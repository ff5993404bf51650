import type { MediaSource } from "../core/part.ts";

/** Signatures at the first byte, as latin1 text. */
const SIGNATURES: readonly (readonly [prefix: string, mediaType: string])[] = [
  ["\x89PNG", "image/png"],
  ["\xff\xd8\xff", "image/jpeg"],
  ["GIF8", "image/gif"],
  ["BM", "image/bmp"],
  ["II*\0", "image/tiff"],
  ["MM\0*", "image/tiff"],
  ["%PDF-", "application/pdf"],
];

/**
 * The media type of base64 data by its first bytes: declared types are often wrong (`image/jpg`, a PNG called JPEG) and
 * Anthropic refuses a mismatch. What no signature fits is taken for a PNG, the commonest of all.
 */
export function sniffImage(base64: string): string {
  return sniffMedia(base64) ?? "image/png";
}

/** As `sniffImage`, but undefined when no signature fits. Knows PDF too. */
export function sniffMedia(base64: string): string | undefined {
  const head = Buffer.from(base64.slice(0, 16), "base64").toString("latin1");
  for (const [prefix, mediaType] of SIGNATURES) if (head.startsWith(prefix)) return mediaType;
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "image/webp";
  if (head.slice(4, 8) !== "ftyp") return undefined;
  const brand = head.slice(8, 12);
  if (brand === "avif") return "image/avif";
  return brand.startsWith("hei") || brand === "mif1" ? "image/heic" : undefined;
}

/** True for what clients send as a picture, for want of a better place: no API takes it for one. */
export function isPdf(source: MediaSource): source is MediaSource & { kind: "base64" } {
  return source.kind === "base64" && source.mediaType === "application/pdf";
}

/** The format of a sound, by its first bytes; undefined when they are none. */
export function sniffAudio(base64: string): "wav" | "mp3" | "flac" | "ogg" | undefined {
  const head = Buffer.from(base64.slice(0, 16), "base64").toString("latin1");
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WAVE") return "wav";
  if (head.startsWith("ID3") || /^\xff[\xf2\xf3\xfa\xfb]/.test(head)) return "mp3";
  if (head.startsWith("fLaC")) return "flac";
  return head.startsWith("OggS") ? "ogg" : undefined;
}

/** Splits `data:image/png;base64,…`; undefined for any other URL. Percent-encoded data is turned into base64. */
export function parseDataUrl(url: string): { mediaType: string; data: string } | undefined {
  if (!/^data:/i.test(url)) return undefined;
  const comma = url.indexOf(",");
  if (comma === -1) return undefined;
  const [type = "", ...attributes] = url.slice(5, comma).split(";");
  const mediaType = normalMediaType(type) || "text/plain";
  const data = url.slice(comma + 1);
  if (attributes.some((attribute) => attribute.trim().toLowerCase() === "base64")) return { mediaType, data };
  const bytes = percentDecode(data);
  return bytes === undefined ? undefined : { mediaType, data: bytes };
}

function percentDecode(data: string): string | undefined {
  try {
    return Buffer.from(decodeURIComponent(data), "utf8").toString("base64");
  } catch {
    return undefined;
  }
}

export function formatDataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`;
}

/** Lower case, and the one wrong name everybody uses put right. */
export function normalMediaType(mediaType: string): string {
  const lower = mediaType.trim().toLowerCase();
  return lower === "image/jpg" ? "image/jpeg" : lower;
}
