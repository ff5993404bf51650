import { asBoolean, asNumber, asString, type Json, type JsonObject, tryParseJson } from "../core/json.ts";
import type { Part, ToolCallPart } from "../core/part.ts";
import { valueOfArguments } from "../record/content.ts";
import { type Missing, notRecorded } from "./missing.ts";

/** What a recorded part was, and what of it is not there. */
export interface PartReading {
  part?: Part;
  missing?: Missing;
}

/** The part of a message that `record/content.ts` wrote so. `at`: where it stands, for what is missing. */
export function readPart(recorded: JsonObject, at: string): PartReading {
  const { type } = recorded;
  switch (isNamed(recorded) ? undefined : type) {
    case "text":
      return withText(recorded, "text", at, (text) => ({ type: "text", text }));
    case "reasoning":
      return withText(recorded, "text", at, (text) => ({ type: "reasoning", text }));
    case "image":
    case "document":
      return readMedia(recorded, type === "image" ? "image" : "document", at);
    case "audio":
      return notThere(at, "audio", recorded);
    case "tool_use":
      return readCall(recorded, at);
    case "tool_result":
      return withText(recorded, "content", at, (text) => ({
        type: "tool-result",
        callId: asString(recorded["tool_use_id"]) ?? "",
        parts: text === "" ? [] : [{ type: "text", text }],
        isError: asBoolean(recorded["is_error"]) ?? false,
      }));
    default: {
      const kind = asString(type) ?? "a part without a type";
      const text = `${kind}: only its own API knows what that is, and it is not recorded`;
      return { missing: { what: "block", at, text, essential: true } };
    }
  }
}

/** Of a provider's own block the record has the name alone, which may be that of one of ours. */
function isNamed({ type, ...rest }: JsonObject): boolean {
  return (type === "tool_use" || type === "tool_result") && Object.keys(rest).length === 0;
}

/** What is behind it was too long to be looked through for secrets. */
const CUT = /\[(\d+) characters not recorded\]$/;

function withText(recorded: JsonObject, name: string, at: string, make: (text: string) => Part): PartReading {
  const text = asString(recorded[name]);
  const chars = asNumber(recorded[`${name}_chars`]);
  if (text === undefined && chars !== undefined) return { part: make(""), missing: notRecorded(at, chars) };
  const part = make(text ?? "");
  const cut = CUT.exec(text ?? "")?.[1];
  if (cut === undefined) return { part };
  const missing = {
    what: "content",
    at,
    text: `its last ${cut} characters are not recorded`,
    essential: true,
  } as const;
  return { part, missing };
}

function readMedia(recorded: JsonObject, type: "image" | "document", at: string): PartReading {
  const url = asString(recorded["url"]);
  return url === undefined ? notThere(at, type, recorded) : { part: { type, source: { kind: "url", url } } };
}

/** A file's id is no use but to its own provider, and the record does not say which that was. */
function notThere(at: string, type: string, { base64_chars: size, file_id: id }: JsonObject): PartReading {
  const which = typeof size === "number" ? ` (${size.toLocaleString("en-US")} characters of base64)` : "";
  const text = id === undefined ? `${type}${which}: its data is not recorded` : `${type}: a file kept at a provider`;
  return { missing: { what: "media", at, text, essential: true } };
}

function readCall(recorded: JsonObject, at: string): PartReading {
  const chars = asNumber(recorded["input_chars"]);
  const part: ToolCallPart = {
    type: "tool-call",
    id: asString(recorded["id"]) ?? "",
    name: asString(recorded["name"]) ?? "",
    ...(chars === undefined ? argumentsOf(recorded["input"]) : { arguments: "", kind: "function" }),
  };
  return chars === undefined ? { part } : { part, missing: notRecorded(at, chars) };
}

/** A text is what was no JSON: the input of a free-form tool, unless it looks like arguments that broke off. */
export function argumentsOf(input: Json | undefined): Pick<ToolCallPart, "arguments" | "kind"> {
  if (typeof input !== "string")
    return { arguments: JSON.stringify(input === undefined ? {} : input), kind: "function" };
  // JSON of a text that is JSON itself: else its value would have been recorded.
  if (valueOfArguments(input) !== input) return { arguments: JSON.stringify(input), kind: "function" };
  const isFree = input !== "" && !input.startsWith("{") && tryParseJson(input) === undefined;
  return { arguments: input, kind: isFree ? "custom" : "function" };
}
