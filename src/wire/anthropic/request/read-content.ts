import { asArray, asObject, asString, isObject, type Json, type JsonObject, objectsOf } from "../../../core/json.ts";
import type {
  CacheMark,
  Citation,
  DocumentPart,
  MediaSource,
  OpaquePart,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from "../../../core/part.ts";
import { isPdf, normalMediaType, parseDataUrl, sniffMedia } from "../../media.ts";
import { readCitation } from "../citations.ts";
import { searchOf } from "../hosted.ts";
import { booleanField, objectField, refuse, stringField } from "./fields.ts";

/** `content` and `system`: a string, or a list of blocks. */
export function readContent(content: Json | undefined, path: string): Part[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  const blocks = asArray(content);
  if (!blocks) return refuse(path, content === undefined ? "Field required" : "Input should be a string or a list");
  return blocks.map((block, index) => {
    if (!isObject(block)) return refuse(`${path}.${index}`, "Input should be an object");
    return readBlock(block, `${path}.${index}`);
  });
}

function readBlock(block: JsonObject, path: string): Part {
  switch (block["type"]) {
    case "text":
      return readText(block, path);
    case "image": {
      const source = readSource(objectField(block, "source", `${path}.source`), "image/png");
      if (!source) return opaque(block);
      return withCache(isPdf(source) ? { type: "document", source } : { type: "image", source }, block, path);
    }
    case "document":
      return readDocument(block, path);
    case "tool_use":
      return readToolUse(block, path);
    case "tool_result":
      return readToolResult(block, path);
    case "thinking":
      return readThinking(block, path);
    case "redacted_thinking": {
      const value = required(block, "data", path);
      return { type: "reasoning", text: "", state: { dialect: "anthropic", kind: "redacted", value } };
    }
    default:
      required(block, "type", path);
      return inWords(block, path) ?? opaque(block);
  }
}

/** Blocks that other providers understand as words. */
function inWords(block: JsonObject, path: string): TextPart | undefined {
  const text = wordsOf(block);
  if (text === undefined || text === "") return undefined;
  return withCache({ type: "text", text, raw: { dialect: "anthropic", value: block } }, block, path);
}

function wordsOf(block: JsonObject): string | undefined {
  switch (block["type"]) {
    // What Claude Code's tool search finds; the tool itself is among the next request's tools.
    case "tool_reference":
      return `The tool ${String(block["tool_name"])} is available now.`;
    case "tool_addition":
    case "tool_removal": {
      const tool = asObject(block["tool"]);
      const verb = block["type"] === "tool_addition" ? "is available now" : "is not available any more";
      // A tool that is defined here and nowhere else is more than words can say.
      return tool?.["type"] === "tool_reference" ? `The tool ${String(tool["name"])} ${verb}.` : undefined;
    }
    case "search_result": {
      const texts = objectsOf(block["content"]).map((inner) => asString(inner["text"]) ?? "");
      return [asString(block["title"]), asString(block["source"]), ...texts].filter(Boolean).join("\n");
    }
    default:
      return undefined;
  }
}

function required(block: JsonObject, key: string, path: string): string {
  const value = block[key];
  if (typeof value === "string") return value;
  return refuse(`${path}.${key}`, value === undefined ? "Field required" : "Input should be a valid string");
}

export function opaque(block: JsonObject): OpaquePart {
  const search = searchOf(block);
  const what = asString(block["type"]) || "block";
  return { type: "opaque", dialect: "anthropic", what, value: block, ...(search && { search }) };
}

export function cacheOf(owner: JsonObject, path = ""): CacheMark | undefined {
  const at = path === "" ? "cache_control" : `${path}.cache_control`;
  const mark = objectField(owner, "cache_control", at);
  if (!mark) return undefined;
  const ttl = stringField(mark, "ttl", `${at}.ttl`);
  return ttl === undefined ? {} : { ttl };
}

function withCache<P extends Part>(part: P & { cache?: CacheMark }, block: JsonObject, path: string): P {
  const cache = cacheOf(block, path);
  if (cache) part.cache = cache;
  return part;
}

function readText(block: JsonObject, path: string): TextPart {
  const part: TextPart = { type: "text", text: required(block, "text", path) };
  const citations: Citation[] = (asArray(block["citations"]) ?? [])
    .filter(isObject)
    .map((citation) => readCitation(citation));
  if (citations.length > 0) part.citations = citations;
  return withCache(part, block, path);
}

function readSource(source: JsonObject | undefined, fallbackType: string): MediaSource | undefined {
  const data = asString(source?.["data"]);
  const url = asString(source?.["url"]);
  const fileId = asString(source?.["file_id"]);
  if (source?.["type"] === "base64" && data !== undefined) {
    const mediaType = sniffMedia(data) ?? (normalMediaType(asString(source["media_type"]) ?? "") || fallbackType);
    return { kind: "base64", mediaType, data };
  }
  if (source?.["type"] === "url" && url !== undefined) {
    const inline = parseDataUrl(url);
    return inline ? { kind: "base64", ...inline } : { kind: "url", url };
  }
  if (source?.["type"] === "file" && fileId !== undefined) return { kind: "file", dialect: "anthropic", id: fileId };
  return undefined;
}

function readDocument(block: JsonObject, path: string): DocumentPart | OpaquePart {
  const source = readDocumentSource(objectField(block, "source", `${path}.source`));
  if (!source) return opaque(block);
  const part: DocumentPart = { type: "document", source };
  const title = stringField(block, "title", `${path}.title`);
  const context = stringField(block, "context", `${path}.context`);
  const citations = asObject(block["citations"]);
  if (title !== undefined) part.title = title;
  if (context !== undefined) part.context = context;
  if (citations?.["enabled"] === true) part.citations = true;
  return withCache(part, block, path);
}

function readDocumentSource(source: JsonObject | undefined): DocumentPart["source"] | undefined {
  if (!source) return undefined;
  if (source["type"] === "text") {
    const text = asString(source["data"]);
    return text === undefined ? undefined : { kind: "text", text };
  }
  if (source["type"] !== "content") return readSource(source, "application/pdf");
  const content = source["content"];
  if (typeof content === "string") return { kind: "text", text: content };
  // Chunks of text become one text, so that every provider can read it; with images among them only Anthropic can.
  const texts: string[] = [];
  for (const block of asArray(content) ?? []) {
    const text = isObject(block) && block["type"] === "text" ? asString(block["text"]) : undefined;
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return { kind: "text", text: texts.join("\n\n") };
}

/** A call made by a program of the provider's (`caller`), or of a toolset, means nothing without those keys: kept whole. */
export function isBoundToolUse(block: JsonObject): boolean {
  const caller = asObject(block["caller"]);
  return (caller !== undefined && caller["type"] !== "direct") || asString(block["toolset_name"]) !== undefined;
}

function readToolUse(block: JsonObject, path: string): ToolCallPart | OpaquePart {
  const id = required(block, "id", path);
  const name = required(block, "name", path);
  if (isBoundToolUse(block)) return opaque(block);
  const input = block["input"];
  const args = input === undefined ? "" : JSON.stringify(input);
  return withCache({ type: "tool-call", id, name, arguments: args, kind: "function" }, block, path);
}

function readToolResult(block: JsonObject, path: string): ToolResultPart {
  const callId = required(block, "tool_use_id", path);
  const content = block["content"];
  const parts = content === undefined || content === null ? [] : readContent(content, `${path}.content`);
  const isError = booleanField(block, "is_error", `${path}.is_error`) ?? false;
  return withCache({ type: "tool-result", callId, parts, isError }, block, path);
}

function readThinking(block: JsonObject, path: string): ReasoningPart {
  const part: ReasoningPart = { type: "reasoning", text: required(block, "thinking", path) };
  const value = stringField(block, "signature", `${path}.signature`);
  if (value) part.state = { dialect: "anthropic", kind: "signature", value };
  return part;
}
