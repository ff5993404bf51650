import { isObject, type JsonObject, tryParseJson } from "../../../../core/json.ts";
import {
  type Part,
  type ReasoningPart,
  type ToolCallPart,
  type ToolResultPart,
  textOf,
} from "../../../../core/part.ts";
import { writtenArguments } from "../../../tools/arguments.ts";
import { NO_SIGNATURE, signatureOf } from "../../thought-signature.ts";
import { arrangeTurns, entriesOf } from "./arrange-turns.ts";
import type { Draft, Entry, Turn } from "./draft.ts";
import { writeAudio, writeDocument, writeImage } from "./write-media.ts";

/** `contents`. `lead`: parts to stand before the first, for models without a system instruction. */
export function writeContents(draft: Draft, lead: readonly JsonObject[]): JsonObject[] {
  const turns = arrangeTurns(draft);
  const names = namesOf(draft);
  return turns.map((turn, index) => {
    const parts = turn.role === "model" ? writeModelParts(turn, draft) : writeUserParts(turn, names, draft);
    return { role: turn.role, parts: index === 0 ? [...lead, ...parts] : parts };
  });
}

/** The parts of a system prompt. */
export function writeSystemParts(parts: readonly Part[], draft: Draft): JsonObject[] {
  return entriesOf(parts, "system", draft).flatMap((entry) => writePart(entry, draft));
}

/** Results name their tool; not every client says which it was. */
function namesOf({ request }: Draft): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { parts } of request.messages)
    for (const part of parts) if (part.type === "tool-call") names.set(part.id, part.name);
  return names;
}

/** What is no call, result or reasoning. One part may need two in the API: a document and its title. */
function writePart({ part, field }: Entry, draft: Draft): JsonObject[] {
  switch (part.type) {
    case "text":
    case "refusal":
      return part.text === "" ? [] : [{ text: part.text.toWellFormed() }];
    case "image":
      return writeImage(part, field, draft);
    case "document":
      return writeDocument(part, field, draft);
    case "audio":
      return writeAudio(part);
    case "opaque":
      return isObject(part.value) ? [part.value] : [];
    default:
      return [];
  }
}

/** Of calls made in parallel the first carries the signature; where nobody has it, the API is told not to look for one. */
function writeModelParts({ content }: Turn, draft: Draft): JsonObject[] {
  const parts: JsonObject[] = [];
  let sawCall = false;
  for (const { part, field } of content) {
    if (part.type === "reasoning") writeReasoning(part, parts);
    else if (part.type === "tool-call") {
      parts.push(writeCall(part, field, !sawCall, draft));
      sawCall = true;
    } else parts.push(...writePart({ part, field }, draft));
  }
  return parts;
}

function writeReasoning(part: ReasoningPart, parts: JsonObject[]): void {
  const thoughtSignature = signatureOf(part.state);
  if (part.text !== "") {
    const text = part.text.toWellFormed();
    parts.push({ text, thought: true, ...(thoughtSignature !== undefined && { thoughtSignature }) });
    return;
  }
  const last = parts.at(-1);
  const isPlainText = last !== undefined && Object.keys(last).join() === "text";
  if (isPlainText) last["thoughtSignature"] = thoughtSignature;
  else parts.push({ text: "", thoughtSignature });
}

function writeCall(part: ToolCallPart, field: string, isFirst: boolean, draft: Draft): JsonObject {
  const { rules, losses } = draft;
  const args =
    part.kind === "custom"
      ? { input: part.arguments }
      : writtenArguments(part.arguments, `${field}.arguments`, draft.losses);
  const signature = signatureOf(part.state);
  if (part.state && signature === undefined) losses.drop("reasoning_state", field);
  const thoughtSignature = signature ?? (rules.signs && isFirst ? NO_SIGNATURE : undefined);
  const id = rules.signs && part.id !== "" ? { id: part.id } : {};
  return {
    functionCall: { ...id, name: part.name, args },
    ...(thoughtSignature !== undefined && { thoughtSignature }),
  };
}

/** Older models take media only beside the results, not in them. */
function writeUserParts({ content }: Turn, names: ReadonlyMap<string, string>, draft: Draft): JsonObject[] {
  const results: JsonObject[] = [];
  const others: JsonObject[] = [];
  for (const entry of content) {
    if (entry.part.type !== "tool-result") {
      others.push(...writePart(entry, draft));
      continue;
    }
    const media = resultMedia(entry.part, entry.field, draft);
    const inside = draft.rules.signs ? media.filter((part) => part["inlineData"] !== undefined) : [];
    others.push(...media.filter((part) => !inside.includes(part)));
    results.push(writeResult(entry.part, names.get(entry.part.callId), inside, draft));
  }
  return [...results, ...others];
}

function resultMedia(part: ToolResultPart, path: string, draft: Draft): JsonObject[] {
  const media = part.parts.filter(({ type }) => type !== "text" && type !== "refusal");
  return entriesOf(media, path, draft).flatMap((entry) => writePart(entry, draft));
}

function writeResult(
  part: ToolResultPart,
  name: string | undefined,
  media: JsonObject[],
  { request, rules }: Draft,
): JsonObject {
  const text = textOf(part.parts, "\n").toWellFormed();
  // A Gemini client's response is an object already.
  const value = request.dialect === "gemini" ? tryParseJson(text) : undefined;
  const response = isObject(value) ? value : { [part.isError ? "error" : "result"]: text };
  return {
    functionResponse: {
      ...(rules.signs && part.callId !== "" && { id: part.callId }),
      name: part.name ?? name ?? "unknown",
      response,
      ...(media.length > 0 && { parts: media }),
    },
  };
}
