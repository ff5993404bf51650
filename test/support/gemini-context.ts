import type { ChatEvent } from "../../src/core/event.ts";
import { emptyRequest } from "../../src/core/request.ts";
import type { AnswerContext, ClientHalf } from "../../src/wire/format.ts";
import { geminiClient } from "../../src/wire/gemini/client.ts";

/** `lost` collects what the writers say has no place. */
export function geminiContext(lost: string[] = []): AnswerContext {
  return {
    request: emptyRequest("gemini", "gemini-x"),
    body: {},
    id: "router-1",
    createdMs: 0,
    elapsedMs: () => 0,
    estimatedInput: 42,
    lost: (field, treatment) => void lost.push(`${field}=${treatment}`),
  };
}

/** All events through a stream writer. */
export function writtenByGemini(
  events: readonly ChatEvent[],
  client: ClientHalf = geminiClient,
  lost?: string[],
): string {
  const writer = client.writeStream(geminiContext(lost));
  return events.map((event) => writer.write(event)).join("");
}
