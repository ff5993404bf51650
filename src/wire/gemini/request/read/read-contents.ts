import { isObject, type Json, type JsonObject } from "../../../../core/json.ts";
import type { OpaqueState, Part, ToolResultPart } from "../../../../core/part.ts";
import type { Message } from "../../../../core/request.ts";
import { callIdFor } from "../../../tools/ids.ts";
import { camelKeys, objectField, objectList, refuse, stringField } from "./read-fields.ts";
import { opaque, readFileData, readInlineData } from "./read-media.ts";

/** Reads `contents`. Results of tools become a message of their own, in front of what else the turn says. */
export function readContents(value: Json | undefined): Message[] {
  const list = objectList(value, "contents");
  if (list.length === 0) return refuse("contents", "contents is not specified");
  const calls = new OpenCalls();
  const messages: Message[] = [];
  for (const [at, content] of list.entries()) {
    const path = `contents[${at}]`;
    const role = roleOf(content, path);
    calls.turn(role);
    const parts = readParts(content["parts"], `${path}.parts`, calls);
    const results = parts.filter((part) => part.type === "tool-result");
    const rest = parts.filter((part) => part.type !== "tool-result");
    if (results.length > 0) messages.push({ role: "tool", parts: results });
    if (rest.length > 0 || results.length === 0) messages.push({ role, parts: rest });
  }
  return messages;
}

/** `systemInstruction`: a content, or what some clients make of it, a string. */
export function readSystem(value: Json | undefined): Part[] {
  if (value === undefined || value === null) return [];
  if (typeof value === "string") return value === "" ? [] : [{ type: "text", text: value }];
  if (!isObject(value)) return refuse("systemInstruction", "must be an object");
  return readParts(value["parts"], "systemInstruction.parts", new OpenCalls());
}

function roleOf(content: JsonObject, path: string): "user" | "assistant" {
  const role = stringField(content, "role", `${path}.role`)?.toLowerCase() || "user";
  if (role === "model") return "assistant";
  // `function` and `tool` are what results came under before they were the user's.
  if (role === "user" || role === "function" || role === "tool") return "user";
  return refuse(`${path}.role`, "Please use a valid role: user, model.");
}

function readParts(value: Json | undefined, path: string, calls: OpenCalls): Part[] {
  return objectList(value, path).flatMap((part, at) => readPart(part, `${path}[${at}]`, calls));
}

function readPart(part: JsonObject, path: string, calls: OpenCalls): Part[] {
  const signature = stringField(part, "thoughtSignature", `${path}.thoughtSignature`);
  const state: OpaqueState | undefined = signature
    ? { dialect: "gemini", kind: "signature", value: signature }
    : undefined;
  const call = objectField(part, "functionCall", `${path}.functionCall`);
  if (call) return [calls.open(call, `${path}.functionCall`, state)];
  const answer = objectField(part, "functionResponse", `${path}.functionResponse`);
  if (answer) return [calls.close(answer, `${path}.functionResponse`)];
  const text = stringField(part, "text", `${path}.text`);
  if (part["thought"] === true) return [{ type: "reasoning", text: text ?? "", ...(state && { state }) }];
  // On a part that is no call the signature belongs to the thoughts behind it, which it is kept as.
  const signed: Part[] = state ? [{ type: "reasoning", text: "", state }] : [];
  if (text !== undefined) return text === "" && state ? signed : [{ type: "text", text }, ...signed];
  const media = readMedia(part, path);
  if (media) return [media, ...signed];
  const what = Object.keys(part).find((key) => !OF_ANY_PART.has(key));
  return what === undefined ? signed : [opaque(what, part)];
}

/** Keys that say something of a part and not what it is. */
const OF_ANY_PART = new Set(["thought", "thoughtSignature", "partMetadata", "mediaResolution", "videoMetadata"]);

function readMedia(part: JsonObject, path: string): Part | undefined {
  const inline = objectField(part, "inlineData", `${path}.inlineData`);
  if (inline) return readInlineData(part, inline, `${path}.inlineData`);
  const file = objectField(part, "fileData", `${path}.fileData`);
  return file && readFileData(part, file, `${path}.fileData`);
}

/**
 * Pairs results with calls. Ids are optional here: a result without one belongs to the first call of its name that has none
 * yet.
 */
class OpenCalls {
  #open: { id: string; name: string }[] = [];
  #count = 0;
  #role: "user" | "assistant" | undefined;

  /** Results come before the model speaks again: calls then still open will not be answered any more. */
  turn(role: "user" | "assistant"): void {
    if (role === "assistant" && this.#role === "user") this.#open = [];
    this.#role = role;
  }

  open(call: JsonObject, path: string, state: OpaqueState | undefined): Part {
    const name = stringField(call, "name", `${path}.name`);
    if (!name) return refuse(`${path}.name`, "Name cannot be empty.");
    const args = JSON.stringify(call["args"] ?? {});
    const id = stringField(call, "id", `${path}.id`) || callIdFor(this.#count, name, args);
    this.#count++;
    this.#open.push({ id, name });
    return { type: "tool-call", id, name, arguments: args, kind: "function", ...(state && { state }) };
  }

  close(answer: JsonObject, path: string): ToolResultPart {
    const name = stringField(answer, "name", `${path}.name`) || undefined;
    const given = stringField(answer, "id", `${path}.id`) || undefined;
    const byId = given === undefined ? -1 : this.#open.findIndex((call) => call.id === given);
    const at = byId === -1 ? this.#open.findIndex((call) => name === undefined || call.name === name) : byId;
    // An id of its own that no call has is that of a call whose id the client left out, or of none at all.
    const [call] = at === -1 ? [] : this.#open.splice(at, 1);
    const id = call?.id ?? given ?? callIdFor(this.#count++, name ?? "", "");
    const known = call?.name ?? name;
    return {
      type: "tool-result",
      callId: id,
      ...(known !== undefined && { name: known }),
      ...readResult(answer, path),
    };
  }
}

/** The key of `response` that holds the output alone; Vercel's SDK repeats the tool's name beside it. */
function wrapperOf(response: JsonObject, name: Json | undefined): string | undefined {
  const keys = Object.keys(response);
  if (keys.length === 2 && "content" in response && response["name"] === name) return "content";
  const [key = ""] = keys;
  return keys.length === 1 && ["output", "result", "error"].includes(key) ? key : undefined;
}

/** The usual keys of `response`; any other object is the output itself. */
function readResult(answer: JsonObject, path: string): Pick<ToolResultPart, "parts" | "isError"> {
  const { response } = answer;
  const key = isObject(response) ? wrapperOf(response, answer["name"]) : undefined;
  const isError = key === "error";
  const value = key !== undefined && isObject(response) ? response[key] : response;
  const parts: Part[] = [];
  if (typeof value === "string") parts.push({ type: "text", text: value });
  else if (value !== undefined && value !== null) parts.push({ type: "text", text: JSON.stringify(value) });
  for (const [at, part] of objectList(answer["parts"], `${path}.parts`).entries()) {
    const media = readMedia(part, `${path}.parts[${at}]`);
    parts.push(media ?? opaque(Object.keys(part)[0] ?? "part", camelKeys(part)));
  }
  return { parts, isError };
}
