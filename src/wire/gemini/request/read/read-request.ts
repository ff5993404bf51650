import { asObject, asString, type JsonObject, setOwn } from "../../../../core/json.ts";
import { type ChatRequest, emptyRequest } from "../../../../core/request.ts";
import type { Headers, PathModel } from "../../../format.ts";
import { sessionIn } from "../../../session.ts";
import { readConfig } from "./read-config.ts";
import { readContents, readSystem } from "./read-contents.ts";
import { camelCase, camelKeys, refuse } from "./read-fields.ts";
import { readToolConfig, readTools } from "./read-tools.ts";

/** Reads a GenerateContentRequest. The model is the one of the path, and whether to stream is said there too. */
export function readRequest(json: JsonObject, headers: Headers, path?: PathModel): ChatRequest {
  const body = camelKeys(json);
  const model = path?.model ?? bareModel(asString(body["model"]) ?? "");
  if (model === "") return refuse("model", "model is not specified");
  const request = emptyRequest("gemini", model);
  request.stream = path?.stream === true;
  request.includeUsage = true;
  request.system = readSystem(body["systemInstruction"]);
  request.messages = readContents(body["contents"]);
  request.tools = readTools(body);
  readToolConfig(body, request);
  readConfig(body, request);
  readPlugins(body, request);
  const session = sessionIn(headers);
  if (session !== undefined) request.identity.session = session;
  for (const [key, value] of Object.entries(json)) {
    const name = camelCase(key);
    if (!KNOWN.has(name)) setOwn(request.extra, GEMINIS.has(name) ? name : key, value);
  }
  return request;
}

/** Fields only this API has; what nobody knows keeps the name the client gave it. */
const GEMINIS = new Set(["safetySettings", "cachedContent", "serviceTier", "labels", "store"]);

const KNOWN = new Set(["model", "contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "plugins"]);

/** `models/x` is `x`; a tuned model keeps its folder, since that is another place at the provider. */
export function bareModel(name: string): string {
  return name.startsWith("models/") ? name.slice("models/".length) : name;
}

function readPlugins(body: JsonObject, request: ChatRequest): void {
  const list = body["plugins"];
  if (list === undefined || list === null) return;
  if (!Array.isArray(list)) return refuse("plugins", "must be a list");
  for (const [at, entry] of list.entries()) {
    const { id, ...settings } = asObject(entry) ?? {};
    const name = asString(id);
    if (name === undefined) return refuse(`plugins[${at}].id`, "is not specified");
    request.plugins.push({ id: name, settings });
  }
}
