import { type JsonObject, objectsOf } from "../../../src/core/json.ts";
import { blocks, copyOptions, declaredTool, emptySeen, object, only, type Seen, text } from "./seen.ts";

const KNOWN = "model messages stream format keep_alive tools options think truncate shift logprobs top_logprobs";

/** Reads a request to /api/chat. */
export function seenByOllama(body: JsonObject): Seen {
  const seen = emptySeen(body, body["stream"] !== false);
  only(seen, body, KNOWN, "");
  for (const message of objectsOf(body["messages"])) readMessage(seen, message);
  const options = object(body["options"] ?? {}, "options");
  copyOptions(seen, options, {
    temperature: "temperature",
    top_p: "top_p",
    top_k: "top_k",
    seed: "seed",
    frequency_penalty: "frequency_penalty",
    presence_penalty: "presence_penalty",
    stop: "stop",
    num_predict: "max_tokens",
  });
  for (const tool of objectsOf(body["tools"])) {
    only(seen, tool, "type function", "tools[]");
    const declared = object(tool["function"], "tools[].function");
    only(seen, declared, "name description parameters", "tools[].function");
    seen.tools.push(declaredTool(declared, declared["parameters"]));
  }
  if (body["format"] !== undefined) seen.output = body["format"];
  if (body["logprobs"] === true) seen.logprobs = body["top_logprobs"] ?? 0;
  if (body["think"] !== undefined) seen.reasoning = body["think"];
  return seen;
}

function readMessage(seen: Seen, message: JsonObject): void {
  only(seen, message, "role content thinking images tool_calls tool_name tool_call_id", "messages[]");
  const role = text(message["role"]);
  const images = Array.isArray(message["images"]) ? message["images"] : [];
  for (const image of images) if (text(image).startsWith("data:")) seen.unknown.push("an image with a data: prefix");
  const pictures = images.map((image) => ({ image: `data:image/png;base64,${text(image)}` }));
  const said = blocks(text(message["content"])).map((block) => ({ text: block["text"] }));
  if (role === "tool") {
    const parts = [...said, ...pictures];
    const name = message["tool_name"] === undefined ? {} : { toolName: message["tool_name"] };
    seen.items.push({ role, result: message["tool_call_id"], parts, ...name });
    return;
  }
  if (typeof message["thinking"] === "string") seen.items.push({ role, thinking: message["thinking"] });
  for (const part of [...said, ...pictures]) seen.items.push({ role, ...part });
  for (const call of objectsOf(message["tool_calls"])) {
    const called = object(call["function"], "tool_calls[].function");
    seen.items.push({ role, call: call["id"], name: called["name"], args: object(called["arguments"], "arguments") });
  }
}
