import { isObject, type Json, type JsonObject, objectsOf } from "../../../src/core/json.ts";
import { blocks, copyOptions, declaredTool, emptySeen, object, only, type Seen, type SeenItem, text } from "./seen.ts";

const KNOWN =
  "messages model audio frequency_penalty logit_bias logprobs top_logprobs max_completion_tokens max_tokens metadata " +
  "modalities n parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_options " +
  "prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream " +
  "stream_options temperature tool_choice tools top_p user verbosity web_search_options";

/** Reads a Chat Completions request. */
export function seenByChat(body: JsonObject): Seen {
  const seen = emptySeen(body, body["stream"] === true);
  only(seen, body, KNOWN, "");
  for (const message of objectsOf(body["messages"])) readMessage(seen, message);
  copyOptions(seen, body, {
    temperature: "temperature",
    top_p: "top_p",
    seed: "seed",
    frequency_penalty: "frequency_penalty",
    presence_penalty: "presence_penalty",
    max_tokens: "max_tokens",
    max_completion_tokens: "max_tokens",
  });
  if (body["logprobs"] === true) seen.logprobs = body["top_logprobs"] ?? 0;
  const { stop } = body;
  if (typeof stop === "string") seen.options["stop"] = [stop];
  else if (stop !== undefined && stop !== null) seen.options["stop"] = stop;
  for (const tool of objectsOf(body["tools"])) seen.tools.push(toolOf(seen, tool));
  const choice = body["tool_choice"];
  if (typeof choice === "string") seen.toolChoice = choice;
  else if (isObject(choice)) seen.toolChoice = `tool:${text(object(choice["function"], "tool_choice")["name"])}`;
  if (typeof body["parallel_tool_calls"] === "boolean") seen.parallel = body["parallel_tool_calls"];
  const output = outputOf(body["response_format"]);
  if (output !== undefined) seen.output = output;
  if (body["reasoning_effort"] !== undefined) seen.reasoning = body["reasoning_effort"];
  const user = body["safety_identifier"] ?? body["user"];
  if (typeof user === "string") seen.user = user;
  if (body["metadata"] !== undefined) seen.metadata = body["metadata"];
  return seen;
}

function toolOf(seen: Seen, tool: JsonObject): JsonObject {
  only(seen, tool, "type function", "tools[]");
  const declared = object(tool["function"], "tools[].function");
  only(seen, declared, "name description parameters strict", "tools[].function");
  return declaredTool(declared, declared["parameters"]);
}

function outputOf(format: Json | undefined): Json | undefined {
  if (!isObject(format)) return undefined;
  if (format["type"] === "json_object") return "json";
  return format["type"] === "json_schema" ? object(format["json_schema"], "json_schema")["schema"] : undefined;
}

function readMessage(seen: Seen, message: JsonObject): void {
  only(
    seen,
    message,
    "role content name refusal tool_calls tool_call_id reasoning_content reasoning_details",
    "messages[]",
  );
  const role = message["role"] === "developer" ? "system" : text(message["role"]);
  if (role === "tool") {
    const parts = blocks(message["content"]).map((block) => ({ text: block["text"] }));
    for (const block of blocks(message["content"]))
      if (block["type"] !== "text") seen.unknown.push("tool content part");
    seen.items.push({ role, result: message["tool_call_id"], parts });
    return;
  }
  if (typeof message["reasoning_content"] === "string")
    seen.items.push({ role, thinking: message["reasoning_content"] });
  for (const block of blocks(message["content"])) seen.items.push({ role, ...partOf(seen, block) });
  for (const call of objectsOf(message["tool_calls"])) {
    const called = object(call["function"], "tool_calls[].function");
    seen.items.push({ role, call: call["id"], name: called["name"], args: JSON.parse(text(called["arguments"])) });
  }
}

function partOf(seen: Seen, block: JsonObject): SeenItem {
  if (block["prompt_cache_breakpoint"] !== undefined) seen.marks++;
  only(seen, block, "type text image_url file input_audio refusal prompt_cache_breakpoint", "content[]");
  switch (block["type"]) {
    case "text":
      return { text: block["text"] };
    case "image_url":
      return { image: object(block["image_url"], "image_url")["url"] };
    case "file": {
      const file = object(block["file"], "file");
      return { document: file["file_data"], title: file["filename"] };
    }
    case "refusal":
      return { refusal: block["refusal"] };
    default:
      seen.unknown.push(`content type ${String(block["type"])}`);
      return {};
  }
}
