import type { ChatEvent } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { Losses } from "../../core/loss.ts";
import type { ModelInfo } from "../../core/model.ts";
import { type ChatRequest, emptyRequest } from "../../core/request.ts";
import type { AnswerContext, Quirks, StreamReader, StreamWriter } from "../format.ts";
import { openaiProvider } from "./provider.ts";

/** What the tests of this folder share. */

export function answerContext(change: Partial<ChatRequest> = {}): AnswerContext {
  return {
    request: { ...emptyRequest("openai", "m"), ...change },
    body: {},
    id: "exchange1",
    createdMs: 1_700_000_000_999,
    elapsedMs: () => 0,
    estimatedInput: 0,
    lost: () => undefined,
  };
}

/** Frames of a stream as its text; strings are data as they stand. */
export function sse(...frames: (JsonObject | string)[]): string {
  return frames.map((frame) => `data: ${typeof frame === "string" ? frame : JSON.stringify(frame)}\n\n`).join("");
}

export function chunk(delta: JsonObject, finish: string | null = null): JsonObject {
  return { id: "c1", model: "m1", choices: [{ index: 0, delta, finish_reason: finish }] };
}

export function readAll(reader: StreamReader, text: string, cuts: readonly number[] = []): ChatEvent[] {
  const events: ChatEvent[] = [];
  const bytes = Buffer.from(text);
  const edges = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((first, second) => first - second);
  let from = 0;
  for (const edge of [...edges, bytes.length]) {
    reader.push(bytes.subarray(from, edge), events);
    from = edge;
  }
  reader.end(events);
  return events;
}

export function writeAll(writer: StreamWriter, events: Iterable<ChatEvent>): string {
  let text = "";
  for (const event of events) text += writer.write(event);
  return text;
}

export function written(
  request: ChatRequest,
  quirks: Quirks = {},
  info?: ModelInfo,
  model = "sent",
): { body: JsonObject; losses: Losses } {
  const losses = new Losses(openaiProvider.support);
  return { body: openaiProvider.writeRequest(request, { model, quirks, info }, losses), losses };
}
