import type { Json, JsonObject } from "../../../core/json.ts";
import { type ChatRequest, emptyRequest, type Tool } from "../../../core/request.ts";
import type { Headers } from "../../format.ts";
import { sessionIn } from "../../session.ts";
import { objectField, objectList, refuse, requiredString, stringField } from "../fields.ts";
import { readMessages } from "./read-messages.ts";
import { readSettings } from "./read-settings.ts";

/** Reads a `/api/chat` body. */
export function readRequest(body: JsonObject, headers: Headers): ChatRequest {
  const request = emptyRequest("ollama", requiredString(body["model"], "model"));
  readSettings(body, ["messages", "tools"], request);
  const session = sessionIn(headers);
  if (session !== undefined) request.identity.session = session;
  readMessages(body["messages"], request);
  request.tools = objectList(body["tools"], "tools").map(readTool);
  return request;
}

/** True for a body with a model and without messages: Ollama then only loads the model, or unloads it when `keep_alive` is 0. */
export function isLoadRequest(body: JsonObject): boolean {
  return typeof body["model"] === "string" && isNothing(body["messages"]);
}

function isNothing(value: Json | undefined): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

const TOOL_KEYS = ["name", "description", "parameters"];

function readTool(tool: JsonObject, at: number): Tool {
  const param = `tools[${at}]`;
  const type = stringField(tool["type"], `${param}.type`) ?? "function";
  if (type !== "function") return { kind: "hosted", dialect: "ollama", type, value: tool };
  const fn = objectField(tool["function"], `${param}.function`) ?? refuse(`${param}.function`, "an object");
  const description = stringField(fn["description"], `${param}.function.description`);
  const parameters = objectField(fn["parameters"], `${param}.function.parameters`);
  const extra = Object.entries(fn).filter(([key]) => !TOOL_KEYS.includes(key));
  return {
    kind: "function",
    name: requiredString(fn["name"], `${param}.function.name`),
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
    ...(extra.length > 0 && { extra: Object.fromEntries(extra) }),
  };
}
