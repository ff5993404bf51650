import type { BlockStart, ChatEvent, FinishReason } from "../../core/event.ts";
import type { Json } from "../../core/json.ts";
import { Fields, readCitation, readFailure, readOpaque, readState, readUsage } from "./read-values.ts";

const TYPES = [
  "start",
  "block-start",
  "text-delta",
  "reasoning-delta",
  "refusal-delta",
  "arguments-delta",
  "citation",
  "block-end",
  "opaque",
  "finish",
  "usage",
  "ping",
  "end",
  "error",
] as const satisfies readonly ChatEvent["type"][];

const REASONS = [
  "stop",
  "stop_sequence",
  "length",
  "context",
  "tool_calls",
  "refusal",
  "pause",
  "other",
] as const satisfies readonly FinishReason[];

/** One event, as it stands in the stream; throws when it is none. Fields events do not have are left out. */
export function readEvent(value: Json): ChatEvent {
  const fields = new Fields(value, "event");
  const type = fields.oneOf("type", TYPES);
  switch (type) {
    case "start":
      return {
        type,
        id: fields.string("id"),
        model: fields.string("model"),
        ...fields.optional("usage", (name) => readUsage(fields.json(name))),
      };
    case "block-start":
      return { type, index: fields.number("index"), block: readBlock(fields.json("block")) };
    case "text-delta":
    case "reasoning-delta":
    case "refusal-delta":
    case "arguments-delta":
      return { type, index: fields.number("index"), text: fields.string("text") };
    case "citation":
      return { type, index: fields.number("index"), citation: readCitation(fields.json("citation")) };
    case "block-end":
      return {
        type,
        index: fields.number("index"),
        ...fields.optional("state", (name) => readState(fields.json(name))),
      };
    case "opaque":
      return { type, index: fields.number("index"), part: readOpaque(fields.json("part")) };
    case "finish":
      return {
        type,
        reason: fields.oneOf("reason", REASONS),
        ...fields.optional("stopSequence", (name) => fields.string(name)),
        ...fields.optional("native", (name) => fields.string(name)),
      };
    case "usage":
      return { type, usage: readUsage(fields.json("usage")) };
    case "error":
      return { type, failure: readFailure(fields.json("failure")) };
    case "ping":
    case "end":
      return { type };
  }
}

function readBlock(value: Json): BlockStart {
  const fields = new Fields(value, "block");
  const type = fields.oneOf("type", ["text", "reasoning", "refusal", "tool-call"]);
  switch (type) {
    case "text":
    case "refusal":
      return { type };
    case "reasoning":
      return {
        type,
        ...fields.optional("id", (name) => fields.string(name)),
        ...fields.optional("summary", (name) => fields.boolean(name)),
      };
    case "tool-call":
      return {
        type,
        id: fields.string("id"),
        name: fields.string("name"),
        kind: fields.oneOf("kind", ["function", "custom"]),
      };
  }
}
