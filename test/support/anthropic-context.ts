import type { ChatEvent } from "../../src/core/event.ts";
import { emptyRequest } from "../../src/core/request.ts";
import { writeStream } from "../../src/wire/anthropic/answer/write-stream.ts";
import type { AnswerContext } from "../../src/wire/format.ts";

export function answerContext(): AnswerContext {
  return {
    request: emptyRequest("anthropic", "claude-sonnet-4-5"),
    body: {},
    id: "msg_router1",
    createdMs: 0,
    elapsedMs: () => 0,
    estimatedInput: 42,
    lost: () => undefined,
  };
}

/** All events through the Anthropic stream writer. */
export function written(events: readonly ChatEvent[]): string {
  const writer = writeStream(answerContext());
  return events.map((event) => writer.write(event)).join("");
}
