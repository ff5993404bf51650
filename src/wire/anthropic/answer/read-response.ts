import type { ChatEvent } from "../../../core/event.ts";
import { asArray, asObject, isObject, type Json } from "../../../core/json.ts";
import { readFailure } from "../errors.ts";
import { MessagesProtocol } from "./read-stream.ts";

/** A whole message as events. A 200 whose body is an error is one. */
export function readResponse(body: Json): ChatEvent[] {
  const message = asObject(body);
  if (message?.["type"] === "error" || (message?.["error"] !== undefined && message["content"] === undefined))
    return [{ type: "error", failure: readFailure(0, body, "") }];
  const content = asArray(message?.["content"]);
  if (!message || !content) throw new Error("the answer is not an Anthropic message: it has no content list");
  const protocol = new MessagesProtocol();
  const out: ChatEvent[] = [];
  const { usage: _usage, ...head } = message;
  protocol.messageStart(head, out);
  content.forEach((block, index) => {
    protocol.blockStart(index, isObject(block) ? block : {}, out);
    protocol.blockStop(index, out);
  });
  protocol.messageDelta(message, message, out);
  protocol.messageStop(out);
  return out;
}
