import { isObject, type Json, type JsonObject, objectsOf } from "../../../src/core/json.ts";
import { blocks, copyOptions, declaredTool, emptySeen, only, type Seen, type SeenItem, text } from "./seen.ts";

const KNOWN =
  "input instructions model access_programs background context_management conversation include max_output_tokens " +
  "max_tool_calls metadata parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options " +
  "prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options temperature text " +
  "tool_choice tools top_logprobs top_p truncation user";

/** Reads a Responses request. */
export function seenByResponses(body: JsonObject): Seen {
  const seen = emptySeen(body, body["stream"] === true);
  only(seen, body, KNOWN, "");
  if (typeof body["instructions"] === "string") seen.items.push({ role: "system", text: body["instructions"] });
  if (typeof body["input"] === "string") seen.items.push({ role: "user", text: body["input"] });
  for (const item of objectsOf(body["input"])) readItem(seen, item);
  copyOptions(seen, body, { temperature: "temperature", top_p: "top_p", max_output_tokens: "max_tokens" });
  for (const tool of objectsOf(body["tools"])) {
    if (tool["type"] === "web_search") continue;
    only(seen, tool, "type name description parameters strict", "tools[]");
    seen.tools.push(declaredTool(tool, tool["parameters"]));
  }
  const choice = body["tool_choice"];
  if (typeof choice === "string") seen.toolChoice = choice;
  else if (isObject(choice)) seen.toolChoice = `tool:${text(choice["name"])}`;
  if (typeof body["parallel_tool_calls"] === "boolean") seen.parallel = body["parallel_tool_calls"];
  const output = outputOf(body["text"]);
  if (output !== undefined) seen.output = output;
  if (isObject(body["reasoning"]) && body["reasoning"]["effort"] !== undefined) {
    seen.reasoning = body["reasoning"]["effort"];
  }
  if (Array.isArray(body["include"]) && body["include"].includes("message.output_text.logprobs"))
    seen.logprobs = body["top_logprobs"] ?? 0;
  const user = body["safety_identifier"] ?? body["user"];
  if (typeof user === "string") seen.user = user;
  if (body["metadata"] !== undefined) seen.metadata = body["metadata"];
  return seen;
}

function outputOf(settings: Json | undefined): Json | undefined {
  const format = isObject(settings) ? settings["format"] : undefined;
  if (!isObject(format)) return undefined;
  if (format["type"] === "json_object") return "json";
  return format["type"] === "json_schema" ? format["schema"] : undefined;
}

function readItem(seen: Seen, item: JsonObject): void {
  switch (item["type"] ?? "message") {
    case "message": {
      only(seen, item, "type id role content status phase", "input[]");
      const role = item["role"] === "developer" ? "system" : text(item["role"]);
      for (const block of blocks(item["content"], "input_text")) seen.items.push({ role, ...partOf(seen, block) });
      return;
    }
    case "function_call":
      only(seen, item, "type id call_id name arguments status namespace", "input[]");
      seen.items.push({
        role: "assistant",
        call: item["call_id"],
        name: item["name"],
        args: JSON.parse(text(item["arguments"])),
      });
      return;
    case "function_call_output": {
      only(seen, item, "type id call_id output status", "input[]");
      const parts = blocks(item["output"], "input_text").map((block) => partOf(seen, block));
      const error = item["status"] === "incomplete" ? { error: true } : {};
      seen.items.push({ role: "tool", result: item["call_id"], parts, ...error });
      return;
    }
    case "reasoning": {
      only(seen, item, "type id summary content encrypted_content status", "input[]");
      const thinking = objectsOf(item["summary"]).map((part) => text(part["text"]));
      seen.items.push({ role: "assistant", thinking: thinking.join(""), state: item["encrypted_content"] });
      return;
    }
    default:
      seen.unknown.push(`item type ${String(item["type"])}`);
  }
}

function partOf(seen: Seen, block: JsonObject): SeenItem {
  if (block["prompt_cache_breakpoint"] !== undefined) seen.marks++;
  const known = "type text image_url detail file_data file_url filename file_id annotations logprobs refusal";
  only(seen, block, `${known} prompt_cache_breakpoint`, "content[]");
  switch (block["type"]) {
    case "input_text":
    case "output_text":
      return { text: block["text"] };
    case "input_image":
      return { image: block["image_url"] };
    case "input_file":
      return { document: block["file_data"] ?? block["file_url"], title: block["filename"] };
    case "refusal":
      return { refusal: block["refusal"] };
    default:
      seen.unknown.push(`content type ${String(block["type"])}`);
      return {};
  }
}
