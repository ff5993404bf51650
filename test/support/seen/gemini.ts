import { isObject, type Json, type JsonObject, objectsOf } from "../../../src/core/json.ts";
import { copyOptions, declaredTool, emptySeen, object, only, type Seen, type SeenItem, text } from "./seen.ts";

const KNOWN = "contents systemInstruction tools toolConfig safetySettings cachedContent generationConfig serviceTier";
const SETTINGS =
  "temperature topP topK candidateCount maxOutputTokens stopSequences responseMimeType responseJsonSchema seed " +
  "presencePenalty frequencyPenalty responseLogprobs logprobs thinkingConfig mediaResolution";
const HOSTED = "googleSearch urlContext codeExecution";
const MODE: Record<string, string> = { AUTO: "auto", NONE: "none", VALIDATED: "validated" };

/** Reads a generateContent request. `path` names the model and whether it is to be streamed. */
export function seenByGemini(body: JsonObject, path: string): Seen {
  const [, model = "", method] = /\/models\/([^/]+):(\w+)$/.exec(path) ?? [];
  const seen = emptySeen({ model: decodeURIComponent(model) }, method === "streamGenerateContent");
  only(seen, body, KNOWN, "");
  const system = body["systemInstruction"];
  if (isObject(system)) {
    only(seen, system, "role parts", "systemInstruction");
    for (const part of objectsOf(system["parts"])) seen.items.push({ role: "system", ...partOf(seen, part) });
  }
  readContents(seen, objectsOf(body["contents"]));
  for (const tool of objectsOf(body["tools"])) readTool(seen, tool);
  if (body["toolConfig"] !== undefined) readToolConfig(seen, object(body["toolConfig"], "toolConfig"));
  if (body["generationConfig"] !== undefined) readSettings(seen, object(body["generationConfig"], "generationConfig"));
  return seen;
}

/** The rules of the API on the order of turns are checked along the way: it answers 400 to what breaks one. */
function readContents(seen: Seen, contents: JsonObject[]): void {
  let calls: Json[] = [];
  let before = "model";
  for (const content of contents) {
    only(seen, content, "role parts", "contents[]");
    const role = text(content["role"]);
    if (role === before) seen.unknown.push(`two turns of the ${role} in a row`);
    before = role;
    const parts = objectsOf(content["parts"]);
    if (parts.length === 0) seen.unknown.push("a turn without parts");
    const results = parts.filter((part) => part["functionResponse"] !== undefined);
    if (results.length !== calls.length) seen.unknown.push(`${results.length} results of ${calls.length} calls`);
    for (const part of parts) seen.items.push(itemOf(seen, part, role === "model" ? "assistant" : role, calls));
    const called = parts.filter((part) => part["functionCall"] !== undefined);
    if (called[0] && called[0]["thoughtSignature"] === undefined) seen.unknown.push("a first call without a signature");
    calls = called.map((part) => object(part["functionCall"], "functionCall")["id"] ?? null);
  }
  if (contents.length > 0 && before !== "user") seen.unknown.push("a last turn of the model's");
}

function itemOf(seen: Seen, part: JsonObject, role: string, calls: Json[]): SeenItem {
  if (part["functionResponse"] !== undefined) return resultOf(seen, part, calls);
  return { role, ...partOf(seen, part) };
}

function resultOf(seen: Seen, part: JsonObject, calls: Json[]): SeenItem {
  only(seen, part, "functionResponse", "part");
  const result = object(part["functionResponse"], "functionResponse");
  only(seen, result, "id name response parts", "functionResponse");
  if (result["id"] !== undefined && !calls.includes(result["id"])) seen.unknown.push("a result of no call before it");
  const response = object(result["response"], "response");
  only(seen, response, "result error", "response");
  const parts = [{ text: response["result"] ?? response["error"] }, ...objectsOf(result["parts"]).map(mediaOf)];
  const error = response["error"] === undefined ? {} : { error: true };
  return { role: "tool", result: result["id"], parts, toolName: text(result["name"]), ...error };
}

function partOf(seen: Seen, part: JsonObject): SeenItem {
  const signed = part["thoughtSignature"] === undefined ? {} : { state: part["thoughtSignature"] };
  if (part["functionCall"] !== undefined) {
    only(seen, part, "functionCall thoughtSignature", "part");
    const call = object(part["functionCall"], "functionCall");
    only(seen, call, "id name args", "functionCall");
    return { call: call["id"], name: text(call["name"]), args: object(call["args"], "args"), ...signed };
  }
  if (part["text"] !== undefined) {
    only(seen, part, "text thought thoughtSignature", "part");
    if (part["text"] === "" && part["thoughtSignature"] === undefined) seen.unknown.push("an empty text part");
    return part["thought"] === true ? { thinking: part["text"], ...signed } : { text: part["text"], ...signed };
  }
  only(seen, part, "inlineData fileData", "part");
  return mediaOf(part);
}

function mediaOf(part: JsonObject): SeenItem {
  const inline = part["inlineData"];
  const media = object(inline ?? part["fileData"], "media");
  const type = text(media["mimeType"]);
  const value = inline === undefined ? text(media["fileUri"]) : `data:${type};base64,${text(media["data"])}`;
  const kind = type.startsWith("image/") ? "image" : type.startsWith("audio/") ? "audio" : "document";
  return { [kind]: value };
}

function readTool(seen: Seen, tool: JsonObject): void {
  only(seen, tool, `functionDeclarations ${HOSTED}`, "tools[]");
  for (const name of HOSTED.split(" ")) if (tool[name] !== undefined) seen.tools.push({ name, hosted: true });
  for (const declared of objectsOf(tool["functionDeclarations"])) {
    only(seen, declared, "name description parametersJsonSchema", "functionDeclarations[]");
    if (!/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/.test(text(declared["name"]))) seen.unknown.push("an illegal tool name");
    seen.tools.push(declaredTool(declared, declared["parametersJsonSchema"]));
  }
}

function readToolConfig(seen: Seen, config: JsonObject): void {
  only(seen, config, "functionCallingConfig includeServerSideToolInvocations", "toolConfig");
  if (config["functionCallingConfig"] === undefined) return;
  const calling = object(config["functionCallingConfig"], "functionCallingConfig");
  only(seen, calling, "mode allowedFunctionNames", "functionCallingConfig");
  const mode = text(calling["mode"]);
  const allowed = Array.isArray(calling["allowedFunctionNames"]) ? calling["allowedFunctionNames"].map(text) : [];
  if (mode !== "ANY") seen.toolChoice = MODE[mode] ?? mode;
  else seen.toolChoice = allowed.length === 1 ? `tool:${allowed[0]}` : "required";
}

function readSettings(seen: Seen, settings: JsonObject): void {
  only(seen, settings, SETTINGS, "generationConfig");
  if (settings["responseLogprobs"] === true) seen.logprobs = settings["logprobs"] ?? 0;
  copyOptions(seen, settings, {
    temperature: "temperature",
    topP: "top_p",
    topK: "top_k",
    seed: "seed",
    frequencyPenalty: "frequency_penalty",
    presencePenalty: "presence_penalty",
    stopSequences: "stop",
    maxOutputTokens: "max_tokens",
  });
  if (settings["responseMimeType"] === "application/json") seen.output = settings["responseJsonSchema"] ?? "json";
  const thinking = settings["thinkingConfig"];
  if (!isObject(thinking)) return;
  only(seen, thinking, "includeThoughts thinkingBudget thinkingLevel", "thinkingConfig");
  const level = thinking["thinkingLevel"];
  const depth = typeof level === "string" ? level.toLowerCase() : thinking["thinkingBudget"];
  if (depth !== undefined) seen.reasoning = depth;
}
