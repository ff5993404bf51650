import type { ChatEvent } from "../../../core/event.ts";
import { isObject, type Json } from "../../../core/json.ts";
import { OutputReader } from "./read-output.ts";

/** A whole answer, through the same machine as a stream of it. */
export function readResponse(body: Json): ChatEvent[] {
  // Some servers answer 200 and an error.
  const failed = isObject(body) && isObject(body["error"]);
  if (!isObject(body) || (!Array.isArray(body["output"]) && !failed))
    throw new Error("the answer is not a Responses object: it has no output");
  const { status } = body;
  if (status === "queued" || status === "in_progress")
    throw new Error(`the answer is not finished: its status is ${status}`);
  const out: ChatEvent[] = [];
  new OutputReader().finish(body, out);
  return out;
}
