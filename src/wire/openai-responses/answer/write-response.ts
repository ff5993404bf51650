import type { JsonObject } from "../../../core/json.ts";
import { type ChatResponse, eventsOf } from "../../../core/response.ts";
import type { AnswerContext } from "../../format.ts";
import { OutputWriter } from "./write-output.ts";

/** A whole answer: the last object a stream of it would have told. */
export function writeResponse(response: ChatResponse, context: AnswerContext): JsonObject {
  const writer = new OutputWriter(context, () => undefined);
  for (const event of eventsOf(response)) writer.next(event);
  return writer.response;
}
