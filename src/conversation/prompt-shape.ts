import { hash } from "node:crypto";
import { isObject, type Json, type JsonObject } from "../core/json.ts";
import { digest } from "./owner.ts";

/** A prompt as small numbers: enough to see where two of them part. */
export interface PromptShape {
  /** Of what stands before the messages: system and tools. */
  head: string;
  /** One for each message without its content, and one for each part of its content, in order. */
  units: Uint32Array;
  /** For each message how many units end with it. */
  ends: number[];
}

/** Marks of where a cache may end move on with every turn, and are no part of what is cached. */
const MARKS = ["cache_control", "prompt_cache_breakpoint"];

/** Of a body of any of the APIs; undefined when it has no messages. */
export function shapeOf(body: JsonObject): PromptShape | undefined {
  const messages = body["messages"] ?? body["input"] ?? body["contents"];
  if (!Array.isArray(messages) || messages.length === 0) return undefined;
  const system = body["system"] ?? body["instructions"] ?? body["systemInstruction"];
  const units: number[] = [];
  const ends: number[] = [];
  for (const message of messages) {
    pushUnits(units, message);
    ends.push(units.length);
  }
  return { head: digest(plain(system), plain(body["tools"])), units: Uint32Array.from(units), ends };
}

/** The first message in which `later` is not what `earlier` was; undefined when it only goes on from it. */
export function partsAt(earlier: Uint32Array, later: PromptShape): number | undefined {
  const unit = earlier.findIndex((value, index) => later.units[index] !== value);
  if (unit === -1) return undefined;
  const message = later.ends.findIndex((end) => unit < end);
  return message === -1 ? later.ends.length : message;
}

/** A bare text and a list of one text are the same to every API, and clients change from one to the other. */
function pushUnits(units: number[], message: Json): void {
  if (!isObject(message)) {
    units.push(unitOf(message));
    return;
  }
  const { content, parts, ...rest } = message;
  const inner = content ?? parts;
  units.push(unitOf(rest));
  if (typeof inner === "string") units.push(unitOf({ type: "text", text: inner }));
  else if (Array.isArray(inner)) for (const part of inner) units.push(unitOf(part));
  else if (inner !== undefined && inner !== null) units.push(unitOf(inner));
}

function unitOf(value: Json): number {
  return Number.parseInt(hash("sha1", plain(value), "hex").slice(0, 8), 16);
}

function plain(value: Json | undefined): string {
  const text = value === undefined ? "" : JSON.stringify(value);
  if (!MARKS.some((mark) => text.includes(mark))) return text;
  return JSON.stringify(value, (key, inner: unknown) => (MARKS.includes(key) ? undefined : inner));
}
