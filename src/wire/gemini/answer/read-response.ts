import type { ChatEvent } from "../../../core/event.ts";
import { isObject, type Json } from "../../../core/json.ts";
import { GenerateProtocol } from "./read-stream.ts";

const EXCERPT_CHARS = 200;
const KEYS = ["candidates", "promptFeedback", "usageMetadata", "error"];

/** A whole body goes the way of a stream of one chunk, so that the two cannot differ. */
export function readResponse(body: Json): ChatEvent[] {
  if (!isObject(body) || !KEYS.some((key) => isObject(body[key]) || Array.isArray(body[key])))
    throw new Error(`the body is not an answer of generateContent: ${JSON.stringify(body).slice(0, EXCERPT_CHARS)}`);
  const events: ChatEvent[] = [];
  const protocol = new GenerateProtocol();
  protocol.frame("", body, events);
  if (events.at(-1)?.type !== "error") protocol.whole(events);
  return events;
}
