import { isObject, type Json, type JsonObject, objectsOf } from "../../../src/core/json.ts";

/** One thing said, in no API's words: `{ role: "user", text: "hi" }`, `{ role: "assistant", call, name, args }`, … */
export type SeenItem = JsonObject;

/** What a provider was asked, read independently of the router's own readers. Absent = the request did not say. */
export interface Seen {
  model: string;
  stream: boolean;
  items: SeenItem[];
  /** temperature, top_p, top_k, seed, frequency_penalty, presence_penalty, stop, max_tokens, … under these names. */
  options: JsonObject;
  tools: JsonObject[];
  /** `auto`, `none`, `required`, `tool:NAME`. */
  toolChoice?: string;
  parallel?: boolean;
  /** `json`, or the schema. */
  output?: Json;
  /** Effort, budget or on/off, as the API says it. */
  reasoning?: Json;
  /** How many alternatives are asked for beside the probability of each token. */
  logprobs?: Json;
  /** How many cache marks the request carries. */
  marks: number;
  user?: string;
  metadata?: Json;
  /** Fields no one knows, by path: an API would refuse them, so a translated request must not have any. */
  unknown: string[];
}

export function emptySeen(body: JsonObject, stream: boolean): Seen {
  return { model: String(body["model"]), stream, items: [], options: {}, tools: [], marks: 0, unknown: [] };
}

/** Notes the keys of `value` that are not in `known`. */
export function only(seen: Seen, value: JsonObject, known: string, where: string): void {
  const names = new Set(known.split(" "));
  for (const key of Object.keys(value)) if (!names.has(key)) seen.unknown.push(where === "" ? key : `${where}.${key}`);
}

export function copyOptions(seen: Seen, from: JsonObject, names: Record<string, string>): void {
  for (const [theirs, ours] of Object.entries(names)) {
    const value = from[theirs];
    if (value !== undefined) seen.options[ours] = value;
  }
}

/** A tool as declared. `strict` is there only when it is asked for. */
export function declaredTool(tool: JsonObject, schema: Json | undefined): JsonObject {
  const { name, description } = tool;
  return { name, description, schema, ...(tool["strict"] === true && { strict: true }) };
}

/** The content of a message as a list of blocks: a string is one text block. */
export function blocks(content: Json | undefined, type = "text"): JsonObject[] {
  if (typeof content === "string") return content === "" ? [] : [{ type, text: content }];
  return objectsOf(content);
}

export function text(value: Json | undefined): string {
  if (typeof value !== "string") throw new Error(`expected a string, got ${JSON.stringify(value)}`);
  return value;
}

export function object(value: Json | undefined, where: string): JsonObject {
  if (!isObject(value)) throw new Error(`${where}: expected an object, got ${JSON.stringify(value)}`);
  return value;
}

/** Items of one kind, for features that look at only that. */
export function itemsWith(seen: Seen, key: string): SeenItem[] {
  return seen.items.filter((item) => key in item);
}
