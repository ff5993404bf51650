import type { ChatEvent } from "../../core/event.ts";
import { FAILURES } from "../../core/failure.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Usage } from "../../core/usage.ts";
import { dataEvent, SSE_COMMENT } from "../bytes/stream.ts";
import { type AnswerContext, type StreamWriter, wireErrorOfFailure } from "../format.ts";
import { type Lost, tellOnce } from "../loss/lost.ts";
import { writeUsage } from "../openai/answer/usage.ts";
import { openAIErrorBody } from "../openai-error.ts";
import { completionFinish, completionHead } from "./write-response.ts";

export function writeStream(context: AnswerContext): StreamWriter {
  return new CompletionStreamWriter(context);
}

/** Text deltas become chunks; anything else of an answer has no place and is told as a loss. */
class CompletionStreamWriter implements StreamWriter {
  readonly #context: AnswerContext;
  readonly #lost: Lost;
  #head: JsonObject = {};
  #usage: Usage | undefined;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#lost = tellOnce(context);
  }

  write(event: ChatEvent): string {
    switch (event.type) {
      case "start":
        this.#head = completionHead(event.id, event.model, this.#context);
        this.#usage = event.usage;
        return "";
      case "text-delta":
        if (event.logprobs) this.#lost("logprobs");
        return this.#chunk(event.text, null);
      case "refusal-delta":
        return this.#chunk(event.text, null);
      case "finish":
        return this.#chunk("", completionFinish(event.reason));
      case "usage":
        this.#usage = event.usage;
        return "";
      case "ping":
        return SSE_COMMENT;
      case "end":
        return `${this.#usageChunk()}data: [DONE]\n\n`;
      case "error": {
        const { failure } = event;
        return dataEvent(openAIErrorBody(wireErrorOfFailure(failure, FAILURES[failure.kind].status)));
      }
      default:
        this.#tell(event);
        return "";
    }
  }

  #tell(event: ChatEvent): void {
    if (event.type === "block-start" && event.block.type === "tool-call") this.#lost(`tool_calls(${event.block.name})`);
    else if (event.type === "opaque") this.#lost(event.part.what);
    else if (event.type === "reasoning-delta" && event.text !== "") this.#lost("reasoning");
    else if (event.type === "citation") this.#lost("citations");
  }

  #chunk(text: string, finish: string | null): string {
    const choice = { text, index: 0, logprobs: null, finish_reason: finish };
    return dataEvent({
      ...this.#head,
      choices: [choice],
      ...(this.#context.request.includeUsage && { usage: null }),
    });
  }

  #usageChunk(): string {
    if (!this.#context.request.includeUsage || !this.#usage) return "";
    return dataEvent({ ...this.#head, choices: [], usage: writeUsage(this.#usage) });
  }
}
