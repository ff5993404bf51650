import type { DocumentPart, ImagePart, Part } from "../../core/part.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { TargetFacts } from "../../core/stage-tools.ts";

/** A PDF among the parts of a message, or of a tool's result. */
export interface FoundPdf {
  part: DocumentPart | ImagePart;
  /** Bare base64. */
  data: string;
  /** Index of its message. */
  message: number;
}

/** All PDFs that are there with their bytes. What is only named, by address or id, is its provider's to fetch. */
export function pdfsIn({ messages }: ChatRequest): FoundPdf[] {
  const found: FoundPdf[] = [];
  const look = (part: Part, message: number): void => {
    if (part.type === "tool-result") for (const inner of part.parts) look(inner, message);
    const data = pdfData(part);
    if (data !== undefined && (part.type === "document" || part.type === "image")) found.push({ part, data, message });
  };
  for (const [index, { parts }] of messages.entries()) for (const part of parts) look(part, index);
  return found;
}

/** The signature may stand anywhere in the first kilobyte. */
const HEAD_CHARS = 1368;

function pdfData(part: Part): string | undefined {
  if ((part.type !== "document" && part.type !== "image") || part.source.kind !== "base64") return undefined;
  const { mediaType, data } = part.source;
  if (mediaType === "application/pdf") return data;
  const isUnknown = part.type === "document" && mediaType === "application/octet-stream";
  return isUnknown && Buffer.from(data.slice(0, HEAD_CHARS), "base64").includes("%PDF-") ? data : undefined;
}

/** Puts texts in the place of PDFs. `textOf`: undefined leaves one as it is. */
export function withTexts(
  request: ChatRequest,
  target: TargetFacts,
  textOf: (data: string) => string | undefined,
): ChatRequest {
  const replaced = (part: Part, inside: boolean): Part => {
    if (part.type === "tool-result") return { ...part, parts: part.parts.map((inner) => replaced(inner, true)) };
    const data = pdfData(part);
    const text = data === undefined ? undefined : textOf(data);
    if (text === undefined || (part.type !== "document" && part.type !== "image")) return part;
    return !inside && takesTextDocuments(target) ? asDocument(part, text) : asText(part, text);
  };
  const messages = request.messages.map((message) => ({
    ...message,
    parts: message.parts.map((part) => replaced(part, false)),
  }));
  return { ...request, messages };
}

/** The bare prompt of a completion has room for text only. */
function takesTextDocuments(target: TargetFacts): boolean {
  return target.dialect !== "openai-completions" && target.can("document_text");
}

function asDocument(part: DocumentPart | ImagePart, text: string): DocumentPart {
  const source = { kind: "text", text } as const;
  if (part.type === "document") return { ...part, source };
  return { type: "document", source, ...(part.cache && { cache: part.cache }) };
}

/** Tools' results have no documents in most APIs. */
function asText(part: DocumentPart | ImagePart, text: string): Part {
  const head = part.type === "document" ? [part.title, part.context] : [];
  const said = [...head, text].filter((line) => line !== undefined && line !== "").join("\n");
  return { type: "text", text: said, ...(part.cache && { cache: part.cache }) };
}
