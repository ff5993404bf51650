import type { JsonObject } from "../../../core/json.ts";
import { type Loss, Losses } from "../../../core/loss.ts";
import { type ChatRequest, emptyRequest, type Message } from "../../../core/request.ts";
import { geminiSupport } from "../support.ts";
import { writeRequest } from "./write/write-request.ts";

export const USER: Message = { role: "user", parts: [{ type: "text", text: "hi" }] };

/** What a request becomes, and what it lost on the way, as `field=treatment`. */
export function written(
  changes: Partial<ChatRequest>,
  model = "gemini-3.8-flash",
): { body: JsonObject; losses: string[]; classes: Loss["class"][] } {
  const losses = new Losses(geminiSupport);
  const request = { ...emptyRequest("openai", "asked"), messages: [USER], ...changes };
  const body = writeRequest(request, { model, quirks: {} }, losses);
  return {
    body,
    losses: losses.list.map(({ field, treatment }) => `${field}=${treatment}`),
    classes: losses.list.map((loss) => loss.class),
  };
}
