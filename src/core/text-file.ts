import { isUtf8 } from "node:buffer";

/** The text that a file is, for APIs that take it as words: what is called text, and what nobody knows but is no bytes. */
export function textInFile({ mediaType, data }: { mediaType: string; data: string }): string | undefined {
  const type = mediaType.trim().toLowerCase();
  const isText = /^text\/|[/+](?:json|xml|yaml|x-yaml|javascript|toml|sql)\b/.test(type);
  if (!isText && type !== "application/octet-stream") return undefined;
  const bytes = Buffer.from(data, "base64");
  const isBinary = bytes.includes(0) || bytes.includes("%PDF-") || !isUtf8(bytes);
  return isText || !isBinary ? bytes.toString("utf8") : undefined;
}
