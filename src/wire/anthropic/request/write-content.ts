import { isObject, type JsonObject } from "../../../core/json.ts";
import type {
  CacheMark,
  DocumentPart,
  ImagePart,
  MediaSource,
  OpaquePart,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from "../../../core/part.ts";
import { normalMediaType, sniffMedia } from "../../media.ts";
import { writtenArguments } from "../../tools/arguments.ts";
import { legalToolId, PLAIN_ID } from "../../tools/ids.ts";
import { replayableCitations } from "../citations.ts";
import { isForeignSearch } from "../hosted.ts";
import type { Draft } from "./draft.ts";

const TOOL_ID = { pattern: PLAIN_ID, max: 128 };

/** The same for a call and its result, whatever the client's ids look like. */
export function anthropicToolId(id: string): string {
  return legalToolId(id, TOOL_ID);
}

/** The blocks of parts; what Anthropic has no block for goes to the losses. `path`: `messages[3]`, `system`. */
export function writeParts(parts: readonly Part[], path: string, draft: Draft): JsonObject[] {
  const blocks: JsonObject[] = [];
  parts.forEach((part, index) => {
    const block = writePart(part, `${path}.content[${index}]`, draft);
    if (block) blocks.push(block);
    else if (part.type === "text" && part.cache) moveMark(blocks.at(-1), part.cache, draft);
  });
  return blocks;
}

/** The mark of a text that is not sent says as much on the block before it. Thinking takes none. */
function moveMark(before: JsonObject | undefined, cache: CacheMark, { marks }: Draft): void {
  if (!before || before["cache_control"] || String(before["type"]).endsWith("thinking")) return;
  marks.mark(before, cache);
}

function writePart(part: Part, field: string, draft: Draft): JsonObject | undefined {
  switch (part.type) {
    case "text":
      return writeText(part, field, draft);
    case "refusal":
      return part.text === "" ? undefined : { type: "text", text: part.text.toWellFormed() };
    case "image":
      return writeImage(part, field, draft);
    case "document":
      return writeDocument(part, field, draft);
    case "audio":
      draft.losses.drop("audio", field);
      return undefined;
    case "tool-call":
      return writeToolCall(part, field, draft);
    case "tool-result":
      return writeToolResult(part, field, draft);
    case "reasoning":
      return writeReasoning(part, field, draft);
    case "opaque":
      return writeOpaque(part, field, draft);
  }
}

function writeText(part: TextPart, field: string, draft: Draft): JsonObject | undefined {
  if (part.raw?.dialect === "anthropic" && isObject(part.raw.value)) return carried(part.raw.value, draft);
  // An empty text block is a 400, all the more with a cache mark on it; so is one of spaces.
  if (part.text.trim() === "") return undefined;
  const block: JsonObject = { type: "text", text: part.text.toWellFormed() };
  if (part.citations) {
    const citations = replayableCitations(part.citations);
    if (citations.length > 0) block["citations"] = citations;
    if (citations.length < part.citations.length) draft.losses.drop("citations", `${field}.citations`);
  }
  draft.marks.mark(block, part.cache);
  return block;
}

function writeSource(source: MediaSource, field: string, draft: Draft): JsonObject | undefined {
  switch (source.kind) {
    case "base64": {
      const mediaType = sniffMedia(source.data) ?? normalMediaType(source.mediaType);
      return { type: "base64", media_type: mediaType, data: source.data };
    }
    case "url":
      return { type: "url", url: source.url };
    case "file":
      if (source.dialect === "anthropic") return { type: "file", file_id: source.id };
      draft.losses.drop("file_id", field);
      return undefined;
  }
}

/** Any other is a 400 of the provider's. */
const IMAGES = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);

function writeImage(part: ImagePart, field: string, draft: Draft): JsonObject | undefined {
  const source = writeSource(part.source, field, draft);
  if (!source) return undefined;
  const mediaType = source["media_type"];
  if (typeof mediaType === "string" && !IMAGES.has(mediaType)) {
    draft.losses.reject(field, `no image type for ${mediaType}`);
    return undefined;
  }
  if (part.detail !== undefined && part.detail !== "auto") draft.losses.drop("image_detail", `${field}.detail`);
  const block: JsonObject = { type: "image", source };
  draft.marks.mark(block, part.cache);
  return block;
}

function writeDocument(part: DocumentPart, field: string, draft: Draft): JsonObject | undefined {
  const source = writeDocumentSource(part.source, field, draft);
  if (!source) return undefined;
  const block: JsonObject = { type: "document", source };
  if (part.title !== undefined) block["title"] = part.title;
  if (part.context !== undefined) block["context"] = part.context;
  if (part.citations) block["citations"] = { enabled: true };
  draft.marks.mark(block, part.cache);
  return block;
}

function writeDocumentSource(source: DocumentPart["source"], field: string, draft: Draft): JsonObject | undefined {
  if (source.kind === "text") return { type: "text", media_type: "text/plain", data: source.text.toWellFormed() };
  if (source.kind !== "base64") return writeSource(source, field, draft);
  const mediaType = sniffMedia(source.data) ?? normalMediaType(source.mediaType);
  if (mediaType === "application/pdf") return { type: "base64", media_type: mediaType, data: source.data };
  if (mediaType.startsWith("text/") || mediaType === "application/json") {
    const text = Buffer.from(source.data, "base64").toString("utf8");
    return { type: "text", media_type: "text/plain", data: text };
  }
  draft.losses.reject(field, `no document type for ${mediaType}`);
  return undefined;
}

function writeToolCall(part: ToolCallPart, field: string, draft: Draft): JsonObject {
  const input =
    part.kind === "custom"
      ? { input: part.arguments }
      : writtenArguments(part.arguments, `${field}.arguments`, draft.losses);
  const block: JsonObject = { type: "tool_use", id: anthropicToolId(part.id), name: part.name, input };
  draft.marks.mark(block, part.cache);
  return block;
}

function writeToolResult(part: ToolResultPart, field: string, draft: Draft): JsonObject {
  const block: JsonObject = { type: "tool_result", tool_use_id: anthropicToolId(part.callId) };
  const content = writeParts(part.parts, field, draft);
  const [first] = content;
  if (content.length === 1 && isPlainText(first)) block["content"] = first["text"];
  else if (content.length > 0) block["content"] = content;
  if (part.isError) block["is_error"] = true;
  draft.marks.mark(block, part.cache);
  return block;
}

function isPlainText(block: JsonObject | undefined): block is JsonObject {
  return block?.["type"] === "text" && Object.keys(block).length === 2;
}

/** Only what Anthropic signed goes back, byte for byte; thinking with any other signature is a 400. */
function writeReasoning(part: ReasoningPart, field: string, draft: Draft): JsonObject | undefined {
  const { state } = part;
  if (state?.dialect === "anthropic" && state.kind === "redacted")
    return { type: "redacted_thinking", data: state.value };
  if (state?.dialect === "anthropic" && state.kind === "signature")
    return { type: "thinking", thinking: part.text, signature: state.value };
  // Servers that only imitate the API sign nothing, and some want their thinking back all the same.
  if (!state && draft.request.dialect === "anthropic" && !draft.rules.known)
    return { type: "thinking", thinking: part.text, signature: "" };
  if (state) draft.losses.drop("reasoning_state", field);
  else if (part.text !== "") draft.losses.drop("reasoning_text", field);
  return undefined;
}

function writeOpaque(part: OpaquePart, field: string, draft: Draft): JsonObject | undefined {
  if (part.dialect !== "anthropic" || !isObject(part.value) || isForeignSearch(part)) {
    draft.losses.drop("opaque_parts", `${field} (${part.what})`);
    return undefined;
  }
  return carried(part.value, draft);
}

/** A block as the client wrote it. */
function carried(value: JsonObject, { marks }: Draft): JsonObject {
  const block = { ...value };
  marks.adopt(block);
  return block;
}
