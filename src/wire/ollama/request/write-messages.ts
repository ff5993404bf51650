import { isAttribution } from "../../../core/attribution.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { Dialect, Part, ToolResultPart } from "../../../core/part.ts";
import type { ChatRequest, Message } from "../../../core/request.ts";
import { dropMessageExtra } from "../../loss/unknown-fields.ts";
import { Content } from "./write-content.ts";

/** Between the text parts of a message that has room for one text only. */
const PARAGRAPH = "\n\n";

/** Writes system prompt and messages in order; `hears`: the model takes sounds. */
export function writeMessages(request: ChatRequest, losses: Losses, hears: boolean): JsonObject[] {
  const writer = new MessageWriter(request.dialect, losses, hears);
  const system = request.system.filter((part) => !isAttribution(part));
  if (system.length > 0) writer.message({ role: "system", parts: system }, "system");
  for (const [at, message] of request.messages.entries()) writer.message(message, `messages[${at}].content`);
  return writer.written;
}

class MessageWriter {
  readonly written: JsonObject[] = [];
  readonly #dialect: Dialect;
  readonly #losses: Losses;
  readonly #hears: boolean;
  /** The tool of each call so far: results need the name too, and other dialects send the id alone. */
  readonly #names = new Map<string, string>();

  constructor(dialect: Dialect, losses: Losses, hears: boolean) {
    this.#dialect = dialect;
    this.#losses = losses;
    this.#hears = hears;
  }

  message(message: Message, path: string): void {
    if (message.name !== undefined) this.#losses.drop("participant_name", path.replace(/content$/, "name"));
    dropMessageExtra(message, path.replace(/\.content$/, ""), this.#dialect, this.#losses);
    this.#rememberCalls(message.parts);
    const content = this.#content().add(message.parts, path);
    // Results follow their calls directly: what the user says besides comes after them.
    for (const result of content.results) this.#result(result.part, result.path);
    if (message.role === "tool" || (content.results.length > 0 && isBare(content))) return;
    // The texts of an assistant turn are pieces of one text; those of the others stand for themselves.
    const separator = message.role === "assistant" ? "" : PARAGRAPH;
    const written: JsonObject = { role: message.role, content: content.texts.join(separator) };
    if (content.thinking.length > 0) written["thinking"] = content.thinking.join(PARAGRAPH);
    if (content.images.length > 0) written["images"] = content.images;
    if (content.calls.length > 0) written["tool_calls"] = content.calls;
    this.written.push(written);
  }

  #result(result: ToolResultPart, path: string): void {
    const content = this.#content().add(result.parts, path);
    const text = content.texts.join(PARAGRAPH);
    const name = result.name ?? this.#names.get(result.callId);
    const written: JsonObject = { role: "tool", content: result.isError ? asError(text) : text };
    if (content.images.length > 0) written["images"] = content.images;
    if (name !== undefined) written["tool_name"] = name;
    if (result.callId !== "") written["tool_call_id"] = result.callId;
    this.written.push(written);
  }

  #rememberCalls(parts: readonly Part[]): void {
    for (const part of parts) if (part.type === "tool-call") this.#names.set(part.id, part.name);
  }

  #content(): Content {
    return new Content(this.#losses, this.#hears);
  }
}

function isBare(content: Content): boolean {
  return content.texts.length + content.images.length + content.calls.length + content.thinking.length === 0;
}

/** There is no error flag: the model is told in words, unless the tool did so itself. */
function asError(text: string): string {
  return /^\W*error/i.test(text) ? text : `Error: ${text}`;
}
