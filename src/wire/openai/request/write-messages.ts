import { isAttribution } from "../../../core/attribution.ts";
import type { Json, JsonObject } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import { type Part, type ReasoningPart, type ToolResultPart, textOf } from "../../../core/part.ts";
import type { ChatRequest, Message } from "../../../core/request.ts";
import type { TargetInfo } from "../../format.ts";
import { dropMessageExtra } from "../../loss/unknown-fields.ts";
import { pairTools } from "../../tools/pair-tools.ts";
import { writeDetail } from "../reasoning-details.ts";
import { takesCacheMarks } from "./new-fields.ts";
import { callId, writeCalls } from "./write-calls.ts";
import { breakpoint, type ContentContext, contentOf, writeParts } from "./write-content.ts";

export function writeMessages(request: ChatRequest, target: TargetInfo, losses: Losses): JsonObject[] {
  const context: ContentContext = { request, target, losses, cacheMarks: takesCacheMarks(request, target) };
  const messages: JsonObject[] = [];
  const system = request.system.filter((part) => !isAttribution(part));
  if (system.length > 0) messages.push(systemMessage(system, "system", context));
  // A Chat client knows what its own server takes.
  const paired = request.dialect === "openai" ? request.messages : pairTools(request.messages, losses);
  paired.forEach((message, index) => {
    writeMessage(message, `messages[${index}]`, context, messages);
  });
  const last = messages.at(-1);
  if (request.goesOn && last) Object.assign(last, target.quirks.continues?.message);
  return messages;
}

function writeMessage(message: Message, path: string, context: ContentContext, messages: JsonObject[]): void {
  const name = message.name === undefined ? {} : { name: message.name };
  dropMessageExtra(message, path, context.request.dialect, context.losses);
  switch (message.role) {
    case "system":
      messages.push({ ...systemMessage(message.parts, path, context), ...name });
      return;
    case "user":
      messages.push({ role: "user", ...name, content: contentOf(writeParts(message.parts, path, context)) });
      return;
    case "assistant":
      messages.push({ role: "assistant", ...name, ...assistantFields(message.parts, path, context) });
      return;
    case "tool":
      writeResults(message.parts, path, context, messages);
      return;
  }
}

/** One string unless a cache mark has to stand between the parts. */
function systemMessage(parts: Part[], path: string, context: ContentContext): JsonObject {
  const role = context.target.quirks.developerRole === true ? "developer" : "system";
  const written = writeParts(parts, path, context);
  const marked = written.some((part) => "prompt_cache_breakpoint" in part);
  return { role, content: marked ? written : textOf(parts, "\n\n").toWellFormed() };
}

function assistantFields(parts: Part[], path: string, context: ContentContext): JsonObject {
  const content = parts.filter((part) => !isAudioReference(part));
  const written = writeParts(content, path, context);
  const calls = writeCalls(parts, path, context);
  const audio = parts.find(isAudioReference);
  return {
    ...refusalOrContent(written, calls.length > 0 || audio !== undefined),
    ...writeReasoning(parts, path, context),
    ...(audio?.type === "opaque" && { audio: audio.value }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** The spoken answer of an earlier turn, by its id: a field of the message, not a part of its content. */
function isAudioReference(part: Part): boolean {
  return part.type === "opaque" && part.dialect === "openai" && part.what === "audio";
}

/** A refusal beside text has to be a part; alone it is a field, which more servers know. */
function refusalOrContent(parts: JsonObject[], carriesMore: boolean): JsonObject {
  const [only] = parts;
  if (parts.length === 1 && only?.["type"] === "refusal") return { content: null, refusal: only["refusal"] };
  if (parts.length === 0) return { content: carriesMore ? null : "" };
  const allText = parts.every((part) => part["type"] === "text" && !("prompt_cache_breakpoint" in part));
  // What the model said in several blocks it said in one breath.
  const content: Json = allText ? parts.map((part) => part["text"]).join("") : contentOf(parts);
  return { content };
}

function writeReasoning(parts: Part[], path: string, context: ContentContext): JsonObject {
  const { request, target, losses } = context;
  const reasoning = parts.filter((part): part is ReasoningPart => part.type === "reasoning");
  if (reasoning.length === 0) return {};
  const ours = reasoning.filter((part) => part.state?.dialect === "openai");
  if (reasoning.some((part) => part.state && part.state.dialect !== "openai")) {
    losses.drop("reasoning_state", `${path}.reasoning`);
  }
  const text = reasoning.map((part) => part.text).join("");
  const replay = text !== "" && (target.quirks.replayReasoning === true || request.dialect === "openai");
  if (text !== "" && !replay) losses.drop("reasoning_text", `${path}.reasoning`);
  return {
    ...(replay && { reasoning_content: text }),
    ...(ours.length > 0 && { reasoning_details: ours.map(writeDetail) }),
  };
}

/**
 * Tool messages hold text only. Images and files of their results follow in one user message after the last of them: one
 * in between would tear the results from their calls.
 */
function writeResults(parts: Part[], path: string, context: ContentContext, messages: JsonObject[]): void {
  const attachments: JsonObject[] = [];
  parts.forEach((part, index) => {
    if (part.type === "tool-result") {
      messages.push(writeResult(part, `${path}.content[${index}]`, context, attachments));
    }
  });
  if (attachments.length > 0) messages.push({ role: "user", content: attachments });
}

function writeResult(
  part: ToolResultPart,
  path: string,
  context: ContentContext,
  attachments: JsonObject[],
): JsonObject {
  const id = callId(part.callId);
  const written = writeParts(part.parts, path, context);
  const texts = written.filter((entry) => entry["type"] === "text");
  const media = written.filter((entry) => entry["type"] !== "text");
  if (media.length > 0) attachments.push({ type: "text", text: `Attached to the result of ${id}:` }, ...media);
  return { role: "tool", tool_call_id: id, content: resultContent(part, texts, media.length, path, context) };
}

function resultContent(
  part: ToolResultPart,
  texts: JsonObject[],
  media: number,
  path: string,
  context: ContentContext,
): Json {
  if (part.isError) prefixError(texts);
  const asParts = texts.length > 1 && context.request.dialect === "openai";
  if (asParts || texts.some((entry) => "prompt_cache_breakpoint" in entry)) return texts;
  let text = texts.map((entry) => entry["text"]).join("\n");
  if (text === "" && media > 0) text = "(see the next user message)";
  const mark = breakpoint(part.cache, path, context);
  return Object.keys(mark).length > 0 && text !== "" ? [{ type: "text", text, ...mark }] : text;
}

/** Chat has no field for a failed call; the word is what models know. */
function prefixError(texts: JsonObject[]): void {
  const [first] = texts;
  if (!first) texts.push({ type: "text", text: "Error: (no message)" });
  else if (!/^error/i.test(`${first["text"]}`)) first["text"] = `Error: ${first["text"]}`;
}
