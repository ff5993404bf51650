import type { ChatEvent } from "../../../core/event.ts";
import type { Failure } from "../../../core/failure.ts";
import type { JsonObject } from "../../../core/json.ts";
import { BlockSequencer } from "../../blocks.ts";
import { namedEvent, SSE_COMMENT } from "../../bytes/stream.ts";
import type { AnswerContext, StreamWriter } from "../../format.ts";
import { openAICodeOf } from "../../openai-error.ts";
import { OutputWriter } from "./write-output.ts";

/** The answer as a stream: numbers the events and frames them. */
export class ResponsesStreamWriter implements StreamWriter {
  readonly #sequencer: BlockSequencer;
  #sequence = 0;
  #frames = "";

  constructor(context: AnswerContext) {
    const output = new OutputWriter(context, (type, fields) => this.#frame(type, fields));
    this.#sequencer = new BlockSequencer((event) => output.next(event));
  }

  write(event: ChatEvent): string {
    // A comment: an event of any name could reach a client that does not know it.
    if (event.type === "ping") return SSE_COMMENT;
    this.#sequencer.push(event);
    const frames = this.#frames;
    this.#frames = "";
    return frames;
  }

  /** `response.failed` would tell a second response, counted from 0; `error` has neither response nor place. */
  errorBehind(failure: Failure): string {
    const code = openAICodeOf(failure.kind, failure.code);
    return namedEvent("error", { type: "error", code, message: failure.message, param: null });
  }

  #frame(type: string, fields: JsonObject): void {
    this.#frames += namedEvent(type, { type, sequence_number: this.#sequence++, ...fields });
  }
}
