import type { ChatEvent } from "../../../core/event.ts";
import type { Failure } from "../../../core/failure.ts";
import { asObject, asString, type JsonObject, tryParseJson } from "../../../core/json.ts";
import { BlockSequencer } from "../../blocks.ts";
import { namedEvent, SSE_COMMENT } from "../../bytes/stream.ts";
import type { AnswerContext, PassedBytes, ResumedWriter, StreamWriter } from "../../format.ts";
import { openAICodeOf } from "../../openai-error.ts";
import { toldBefore } from "../../resumed.ts";
import { OutputWriter } from "./write-output.ts";

/**
 * Goes on behind a provider's own events, whose numbers and whose one message item it takes up. Undefined where there was more
 * than that item, or where it was done.
 */
export function resumeStream(context: AnswerContext, { first, last, place }: PassedBytes): ResumedWriter | undefined {
  const items = [...first.matchAll(/^data: ?(.*"response\.output_item\.added".*)$/gm)];
  const number = [...last.matchAll(/"sequence_number":\s*(\d+)/g)].at(-1)?.[1];
  const item = asObject(asObject(tryParseJson(items[0]?.[1] ?? ""))?.["item"]);
  const id = asString(item?.["id"]);
  if (
    items.length !== 1 ||
    !place.open ||
    place.next !== 1 ||
    !id ||
    item?.["type"] !== "message" ||
    number === undefined
  )
    return undefined;
  return (soFar) => ResponsesStreamWriter.behind(context, id, Number(number) + 1, soFar);
}

/** The answer as a stream: numbers the events and frames them. */
export class ResponsesStreamWriter implements StreamWriter {
  readonly #sequencer: BlockSequencer;
  #sequence = 0;
  #frames = "";

  /** `itemId`: of its first message. */
  constructor(context: AnswerContext, itemId?: string) {
    const output = new OutputWriter(context, (type, fields) => this.#frame(type, fields), itemId);
    this.#sequencer = new BlockSequencer((event) => output.next(event));
  }

  /** One that goes on behind `count` events of another. */
  static behind(
    context: AnswerContext,
    itemId: string,
    count: number,
    soFar: readonly ChatEvent[],
  ): ResponsesStreamWriter {
    const writer = new ResponsesStreamWriter(context, itemId);
    toldBefore(writer, soFar);
    writer.#sequence = count;
    return writer;
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
