import type { ChatEvent } from "../../../core/event.ts";
import { isObject, type Json } from "../../../core/json.ts";
import { failureIn } from "./errors.ts";
import { ChatProtocol } from "./read-stream.ts";

const EXCERPT_CHARS = 200;

/** A whole body goes the way of a stream of one chunk, so that the two cannot differ. */
export function readResponse(body: Json): ChatEvent[] {
  if (!isObject(body) || !(Array.isArray(body["choices"]) || failureIn(body, ""))) {
    throw new Error(`the body is not a chat completion: ${JSON.stringify(body).slice(0, EXCERPT_CHARS)}`);
  }
  const events: ChatEvent[] = [];
  const protocol = new ChatProtocol();
  protocol.frame("", body, events);
  if (events.at(-1)?.type !== "error") protocol.done(events);
  return events;
}
