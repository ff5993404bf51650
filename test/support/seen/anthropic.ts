import { isObject, type JsonObject, objectsOf } from "../../../src/core/json.ts";
import { blocks, copyOptions, declaredTool, emptySeen, object, only, type Seen, type SeenItem, text } from "./seen.ts";

const KNOWN =
  "max_tokens messages model cache_control container context_management inference_geo metadata output_config " +
  "service_tier speed stop_sequences stream system temperature thinking tool_choice tools top_k top_p";
const CHOICE: Record<string, string> = { auto: "auto", any: "required", none: "none" };

/** Reads a Messages request. */
export function seenByAnthropic(body: JsonObject): Seen {
  const seen = emptySeen(body, body["stream"] === true);
  only(seen, body, KNOWN, "");
  if (typeof body["max_tokens"] !== "number") seen.unknown.push("max_tokens is missing");
  if (body["cache_control"] !== undefined) seen.marks++;
  for (const block of blocks(body["system"])) seen.items.push({ role: "system", ...partOf(seen, block) });
  for (const message of objectsOf(body["messages"])) readMessage(seen, message);
  copyOptions(seen, body, {
    temperature: "temperature",
    top_p: "top_p",
    top_k: "top_k",
    stop_sequences: "stop",
    max_tokens: "max_tokens",
  });
  for (const tool of objectsOf(body["tools"])) {
    if (tool["cache_control"] !== undefined) seen.marks++;
    only(seen, tool, "type name description input_schema cache_control strict", "tools[]");
    seen.tools.push(declaredTool(tool, tool["input_schema"]));
  }
  readChoice(seen, body);
  const config = body["output_config"];
  if (isObject(config)) {
    if (isObject(config["format"])) seen.output = config["format"]["schema"] ?? null;
    if (config["effort"] !== undefined) seen.reasoning = config["effort"];
  }
  const { thinking, metadata } = body;
  if (isObject(thinking)) seen.reasoning ??= thinking["budget_tokens"] ?? thinking["type"] ?? null;
  if (isObject(metadata)) {
    only(seen, metadata, "user_id", "metadata");
    seen.user = text(metadata["user_id"]);
  }
  return seen;
}

function readChoice(seen: Seen, body: JsonObject): void {
  const choice = body["tool_choice"];
  if (!isObject(choice)) return;
  only(seen, choice, "type name disable_parallel_tool_use", "tool_choice");
  const type = text(choice["type"]);
  seen.toolChoice = type === "tool" ? `tool:${text(choice["name"])}` : (CHOICE[type] ?? type);
  if (typeof choice["disable_parallel_tool_use"] === "boolean") seen.parallel = !choice["disable_parallel_tool_use"];
}

function readMessage(seen: Seen, message: JsonObject): void {
  only(seen, message, "role content", "messages[]");
  const role = text(message["role"]);
  if (!["user", "assistant", "system"].includes(role)) seen.unknown.push(`role ${role}`);
  const content = blocks(message["content"]);
  if (content.length === 0) seen.unknown.push("a message without content");
  for (const block of content) {
    if (block["type"] !== "tool_result") {
      seen.items.push({ role, ...partOf(seen, block) });
      continue;
    }
    if (block["cache_control"] !== undefined) seen.marks++;
    only(seen, block, "type tool_use_id content is_error cache_control", "tool_result");
    const parts = blocks(block["content"]).map((part) => partOf(seen, part));
    const error = block["is_error"] === true ? { error: true } : {};
    seen.items.push({ role: "tool", result: block["tool_use_id"], parts, ...error });
  }
}

function partOf(seen: Seen, block: JsonObject): SeenItem {
  if (block["cache_control"] !== undefined) seen.marks++;
  switch (block["type"]) {
    case "text":
      only(seen, block, "type text cache_control citations", "text");
      if (block["text"] === "") seen.unknown.push("an empty text block");
      return { text: block["text"] };
    case "image":
    case "document":
      return mediaOf(seen, block);
    case "tool_use":
      only(seen, block, "type id name input cache_control", "tool_use");
      if (!/^[a-zA-Z0-9_-]+$/.test(text(block["id"]))) seen.unknown.push("an illegal tool_use id");
      return { call: block["id"], name: block["name"], args: block["input"] };
    case "thinking":
      only(seen, block, "type thinking signature", "thinking");
      return { thinking: block["thinking"], state: block["signature"] };
    default:
      seen.unknown.push(`block type ${String(block["type"])}`);
      return {};
  }
}

function mediaOf(seen: Seen, block: JsonObject): SeenItem {
  only(seen, block, "type source cache_control title context citations", "media");
  const source = object(block["source"], "source");
  const base64 = `data:${String(source["media_type"])};base64,${String(source["data"])}`;
  const value = source["type"] === "url" ? source["url"] : source["type"] === "text" ? source["data"] : base64;
  return block["type"] === "image" ? { image: value } : { document: value, title: block["title"] };
}
