import { asNumber, asObject, asString, type Json, type JsonObject, objectsOf } from "../../src/core/json.ts";
import { geminiCalls } from "./gemini-said.ts";
import type { Recording } from "./recordings.ts";

/** What an answer says, in no API's words: read here from the recording itself, by nothing of the router. */
export interface Said {
  text: string;
  thinking: string;
  refusal: string;
  /** Why it refused, beside the answer. */
  explanation: string;
  /** `args` of a custom call is free text. */
  calls: { id: string; name: string; args: string; custom?: boolean }[];
  citations: { url: string; title: string }[];
  finish: "stop" | "length" | "tool_calls" | "refusal" | "error";
  usage?: { input: number; output: number; cachedRead: number };
  /** Blocks of hosted tools and of other kinds only this API has. */
  hosted: string[];
}

const READERS: Partial<Record<Recording["format"], (recording: Recording) => Said>> = {
  anthropic: (recording) => messageSaid(recording.stream ? foldMessage(recording.values) : (recording.values[0] ?? {})),
  openai: (recording) => chatSaid(recording.values),
  "openai-responses": responseSaid,
  gemini: (recording) => geminiSaid(recording.values),
};

export function saidBy(recording: Recording): Said {
  const reader = READERS[recording.format];
  if (!reader) throw new Error(`nobody reads ${recording.format}`);
  return reader(recording);
}

function nothingSaid(): Said {
  return { text: "", thinking: "", refusal: "", explanation: "", calls: [], citations: [], finish: "stop", hosted: [] };
}

const text = (value: Json | undefined): string => asString(value) ?? "";
const count = (value: Json | undefined): number => asNumber(value) ?? 0;

/** A streamed message as the whole one it makes. */
function foldMessage(events: JsonObject[]): JsonObject {
  let message: JsonObject = {};
  const blocks: JsonObject[] = [];
  const json: string[] = [];
  for (const event of events) {
    const at = count(event["index"]);
    const delta = asObject(event["delta"]) ?? {};
    if (event["type"] === "message_start" && blocks.length > 0) return { stop_reason: "spliced" };
    if (event["type"] === "message_start" && blocks.length === 0) message = { ...asObject(event["message"]) };
    if (event["type"] === "content_block_start") blocks[at] = { ...asObject(event["content_block"]) };
    if (event["type"] === "message_delta") {
      message = { ...message, ...delta, usage: { ...asObject(message["usage"]), ...asObject(event["usage"]) } };
    }
    const block = blocks[at];
    if (event["type"] !== "content_block_delta" || !block) continue;
    if (delta["type"] === "text_delta") block["text"] = text(block["text"]) + text(delta["text"]);
    if (delta["type"] === "thinking_delta") block["thinking"] = text(block["thinking"]) + text(delta["thinking"]);
    if (delta["type"] === "input_json_delta") json[at] = (json[at] ?? "") + text(delta["partial_json"]);
    if (delta["type"] === "citations_delta")
      block["citations"] = [...objectsOf(block["citations"]), asObject(delta["citation"]) ?? {}];
  }
  for (const [at, block] of blocks.entries()) if (json[at]) block["input"] = JSON.parse(json[at]);
  return { ...message, content: blocks };
}

const STOP_REASONS: Record<string, Said["finish"]> = {
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool_calls",
  refusal: "refusal",
  spliced: "error",
};

function messageSaid(message: JsonObject): Said {
  const said = nothingSaid();
  for (const block of objectsOf(message["content"])) {
    switch (block["type"]) {
      case "text":
        said.text += text(block["text"]);
        for (const { url, title } of objectsOf(block["citations"]))
          if (url !== undefined) said.citations.push({ url: text(url), title: text(title) });
        break;
      case "thinking":
        said.thinking += text(block["thinking"]);
        break;
      case "tool_use":
        // A call of the code the provider runs: its result has to go back to that code, which only its own clients can do.
        if (asObject(block["caller"])?.["type"] !== undefined && asObject(block["caller"])?.["type"] !== "direct") {
          said.hosted.push("tool_use");
          break;
        }
        said.calls.push({ id: text(block["id"]), name: text(block["name"]), args: JSON.stringify(block["input"]) });
        break;
      default:
        said.hosted.push(text(block["type"]));
    }
  }
  said.finish = STOP_REASONS[text(message["stop_reason"])] ?? "stop";
  if (said.finish === "tool_calls" && said.calls.length === 0) said.finish = "stop";
  said.explanation = text(asObject(message["stop_details"])?.["explanation"]);
  const usage = asObject(message["usage"]) ?? {};
  // Paid for as well, but left out of the totals.
  const apart = objectsOf(usage["iterations"]).filter(
    ({ type }) => type === "compaction" || type === "advisor_message",
  );
  const sum = (name: string): number => [usage, ...apart].reduce((total, one) => total + count(one[name]), 0);
  const cachedRead = sum("cache_read_input_tokens");
  const input = sum("input_tokens") + cachedRead + sum("cache_creation_input_tokens");
  said.usage = { input, output: sum("output_tokens"), cachedRead };
  return said;
}

const CHAT_FINISHES: Record<string, Said["finish"]> = {
  length: "length",
  tool_calls: "tool_calls",
  content_filter: "refusal",
};

/** A completion, or the chunks of one: every field as one vendor or another writes it. */
function chatSaid(values: JsonObject[]): Said {
  const said = nothingSaid();
  const calls = new Map<string, Said["calls"][number]>();
  let lastKey = "";
  for (const value of values) {
    const choice = objectsOf(value["choices"])[0] ?? {};
    const message = asObject(choice["message"] ?? choice["delta"]) ?? {};
    readChatText(said, message);
    for (const [at, call] of objectsOf(message["tool_calls"]).entries()) {
      const inner = asObject(call["function"]) ?? {};
      const key = String(call["index"] ?? (text(call["id"]) === "" ? lastKey : `${text(call["id"])} ${at}`));
      lastKey = key;
      const known = calls.get(key) ?? { id: text(call["id"]), name: text(inner["name"]), args: "" };
      known.args += text(inner["arguments"]);
      calls.set(key, known);
    }
    for (const annotation of objectsOf(message["annotations"])) {
      const { url, title } = asObject(annotation["url_citation"]) ?? {};
      said.citations.push({ url: text(url), title: text(title) });
    }
    const finish = text(choice["finish_reason"]);
    if (finish !== "") said.finish = CHAT_FINISHES[finish] ?? "stop";
    const usage = asObject(value["usage"]) ?? asObject(asObject(value["x_groq"])?.["usage"]);
    if (usage) said.usage = chatUsage(usage);
    if (Array.isArray(value["citations"]))
      said.citations = value["citations"].flatMap((url) => (typeof url === "string" ? [{ url, title: "" }] : []));
  }
  said.calls = [...calls.values()];
  return said;
}

function readChatText(said: Said, message: JsonObject): void {
  said.text += text(message["content"]);
  said.refusal += text(message["refusal"]);
  said.thinking += text(message["reasoning_content"]) || text(message["reasoning"]);
  for (const part of objectsOf(message["content"])) {
    said.text += text(part["text"]);
    for (const thought of objectsOf(part["thinking"])) said.thinking += text(thought["text"]);
  }
}

/** xAI leaves reasoning out of the completion's tokens; its total says so. */
function chatUsage(usage: JsonObject): NonNullable<Said["usage"]> {
  const [input, output, total] = [usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]].map(count);
  const reasoning = count(asObject(usage["completion_tokens_details"])?.["reasoning_tokens"]);
  const apart = (total ?? 0) === (input ?? 0) + (output ?? 0) + reasoning;
  return {
    input: input ?? 0,
    output: (output ?? 0) + (apart ? reasoning : 0),
    cachedRead: count(asObject(usage["prompt_tokens_details"])?.["cached_tokens"] ?? usage["cached_tokens"]),
  };
}

/** The last response told; where its output is empty, the items told before. */
function responseSaid({ values, stream }: Recording): Said {
  const last = values.at(-1) ?? {};
  const response = stream ? (asObject(last["response"]) ?? {}) : last;
  const done = values.filter((value) => value["type"] === "response.output_item.done");
  const told = objectsOf(response["output"]);
  const items = told.length > 0 ? told : done.map((value) => asObject(value["item"]) ?? {});
  const said = nothingSaid();
  const streamed = streamedText(values);
  for (const item of items) readItem(said, item, streamed.get(text(item["id"])));
  const reason = asObject(response["incomplete_details"])?.["reason"];
  if (said.calls.length > 0) said.finish = "tool_calls";
  if (said.refusal !== "" || reason === "content_filter") said.finish = "refusal";
  if (reason === "max_output_tokens") said.finish = "length";
  if (response["status"] === "failed") said.finish = "error";
  const usage = asObject(response["usage"]);
  if (usage) {
    const cachedRead = count(asObject(usage["input_tokens_details"])?.["cached_tokens"]);
    said.usage = { input: count(usage["input_tokens"]), output: count(usage["output_tokens"]), cachedRead };
  }
  return said;
}

/** What the deltas of each item said. */
function streamedText(values: JsonObject[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { type, item_id, delta } of values) {
    if (type !== "response.output_text.delta") continue;
    const id = text(item_id);
    texts.set(id, (texts.get(id) ?? "") + text(delta));
  }
  return texts;
}

/** `streamed`: shortened recordings say in their deltas what is not in the whole; what was shown is what counts. */
function readItem(said: Said, item: JsonObject, streamed = ""): void {
  switch (item["type"]) {
    case "message":
      for (const part of objectsOf(item["content"])) {
        said.text += text(part["text"]).startsWith(streamed) ? text(part["text"]) : streamed;
        said.refusal += text(part["refusal"]);
        for (const { url, title } of objectsOf(part["annotations"]))
          if (url !== undefined) said.citations.push({ url: text(url), title: text(title) });
      }
      return;
    case "reasoning":
      for (const part of [...objectsOf(item["summary"]), ...objectsOf(item["content"])])
        said.thinking += text(part["text"]);
      return;
    case "function_call": {
      // Namespaces are flattened for who does not have them.
      const space = text(item["namespace"]);
      const name = text(item["name"]);
      const args = text(item["arguments"]);
      said.calls.push({ id: text(item["call_id"]), name: space === "" ? name : `${space}__${name}`, args });
      return;
    }
    case "custom_tool_call": {
      const args = text(item["input"]);
      said.calls.push({ id: text(item["call_id"]), name: text(item["name"]), args, custom: true });
      return;
    }
    default:
      said.hosted.push(text(item["type"]));
  }
}

function geminiSaid(values: JsonObject[]): Said {
  const said = { ...nothingSaid(), calls: geminiCalls(values) };
  for (const value of values) {
    const candidate = objectsOf(value["candidates"])[0] ?? {};
    for (const part of objectsOf(asObject(candidate["content"])?.["parts"])) {
      if (part["functionCall"] !== undefined) continue;
      if (part["thought"] === true) said.thinking += text(part["text"]);
      else said.text += text(part["text"]);
    }
    const finish = text(candidate["finishReason"]);
    if (finish !== "") said.finish = finish === "STOP" ? "stop" : finish === "MAX_TOKENS" ? "length" : "refusal";
    const usage = asObject(value["usageMetadata"]);
    if (usage) {
      const output = count(usage["candidatesTokenCount"]) + count(usage["thoughtsTokenCount"]);
      const cachedRead = count(usage["cachedContentTokenCount"]);
      said.usage = { input: count(usage["promptTokenCount"]), output, cachedRead };
    }
  }
  if (said.calls.length > 0 && said.finish === "stop") said.finish = "tool_calls";
  return said;
}
