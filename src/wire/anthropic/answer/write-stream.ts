import type { BlockStart, ChatEvent } from "../../../core/event.ts";
import { FAILURES, type Failure } from "../../../core/failure.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { Usage } from "../../../core/usage.ts";
import { BlockSequencer } from "../../blocks.ts";
import { namedEvent } from "../../bytes/stream.ts";
import { type AnswerContext, type StreamWriter, wireErrorOfFailure } from "../../format.ts";
import { type Lost, tellOnce } from "../../loss/lost.ts";
import { writeError } from "../errors.ts";
import { answerBlocks } from "./opaque.ts";
import { type Seen, writeStop } from "./stop-reason.ts";
import { guessedUsage, writeUsage } from "./usage.ts";
import { openWriter, type WrittenBlock, wholeBlock } from "./written-block.ts";

export function writeStream(context: AnswerContext): StreamWriter {
  return new MessagesWriter(context);
}

/** Clients know it anywhere, before `message_start` too. */
export const PING = namedEvent("ping", { type: "ping" });

const DELTA = "content_block_delta";

/** Events → the Messages stream. The sequencer sees to it that only one block is open; indices are counted here. */
class MessagesWriter implements StreamWriter {
  readonly #context: AnswerContext;
  readonly #lost: Lost;
  readonly #sequencer = new BlockSequencer((event) => this.#take(event));
  readonly #seen: Seen = { toolCall: false, refusal: false };
  #written = "";
  #started = false;
  #nextIndex = 0;
  #block: WrittenBlock | undefined;
  /** What stands before the text in each delta of the open block; empty until it was needed. */
  #opening = "";
  #usage: Usage | undefined;
  #finish: Extract<ChatEvent, { type: "finish" }> | undefined;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#lost = tellOnce(context);
  }

  write(event: ChatEvent): string {
    this.#written = "";
    this.#sequencer.push(event);
    return this.#written;
  }

  #take(event: ChatEvent): void {
    switch (event.type) {
      case "start":
        return this.#start(event.id, event.model, event.usage);
      case "block-start":
        return this.#openBlock(event.block);
      case "text-delta":
      case "reasoning-delta":
      case "refusal-delta":
      case "arguments-delta":
        return this.#text(event.text);
      case "citation":
        return this.#emitBlock(this.#block?.citation(event.citation, this.#lost));
      case "block-end":
        return this.#closeBlock(event);
      case "opaque":
        return this.#emitWhole(answerBlocks(event.part, this.#lost));
      case "finish":
        this.#finish = event;
        return;
      case "usage":
        this.#usage = event.usage;
        return;
      case "ping":
        this.#written += PING;
        return;
      case "end":
        return this.#end();
      case "error":
        return this.#error(event.failure);
    }
  }

  #start(id: string, model: string, usage?: Usage): void {
    if (this.#started) return;
    this.#started = true;
    this.#usage ??= usage;
    const { request, estimatedInput } = this.#context;
    this.#emit("message_start", {
      message: {
        id: id || this.#context.id,
        type: "message",
        role: "assistant",
        model: model || request.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: this.#usage ? writeUsage(this.#usage) : guessedUsage(estimatedInput),
      },
    });
  }

  /** Most of a stream is this: written without an object, from the same pieces. */
  #text(text: string): void {
    const block = this.#block;
    if (!block?.started || block.textOpening === "" || text === "") return this.#emitBlock(block?.text(text));
    if (this.#opening === "")
      this.#opening = `event: ${DELTA}\ndata: {"type":"${DELTA}","index":${this.#nextIndex},"delta":${block.textOpening}`;
    this.#written += `${this.#opening}${JSON.stringify(text)}}}\n\n`;
  }

  #openBlock(block: BlockStart): void {
    this.#closeBlock({});
    this.#opening = "";
    if (block.type === "tool-call") this.#seen.toolCall = true;
    if (block.type === "refusal") this.#seen.refusal = true;
    this.#block = openWriter(block);
    this.#emitBlock(this.#block.open());
  }

  #closeBlock(end: Pick<Extract<ChatEvent, { type: "block-end" }>, "state">): void {
    const block = this.#block;
    if (!block) return;
    this.#emitBlock(block.close(end.state));
    this.#block = undefined;
    if (!block.started) return;
    this.#emit("content_block_stop", { index: this.#nextIndex });
    this.#nextIndex++;
  }

  /** Whole blocks: start, what follows from it, stop. */
  #emitWhole(blocks: readonly JsonObject[]): void {
    this.#closeBlock({});
    for (const block of blocks) {
      this.#emitBlock(wholeBlock(block));
      this.#emit("content_block_stop", { index: this.#nextIndex });
      this.#nextIndex++;
    }
  }

  /** Frames of the open block: those with a `content_block` are its start, the others its deltas. */
  #emitBlock(frames: readonly JsonObject[] = []): void {
    for (const frame of frames) {
      const start = frame["content_block"] !== undefined;
      this.#emit(start ? "content_block_start" : DELTA, { index: this.#nextIndex, ...frame });
    }
  }

  #emit(type: string, fields: JsonObject): void {
    if (!this.#started) this.#start("", "");
    this.#written += namedEvent(type, { type, ...fields });
  }

  #end(): void {
    this.#closeBlock({});
    this.#emit("message_delta", {
      delta: writeStop(this.#finish, this.#seen),
      usage: this.#usage ? writeUsage(this.#usage) : guessedUsage(this.#context.estimatedInput),
    });
    this.#emit("message_stop", {});
  }

  /** Nothing is closed and nothing follows: a message_stop would make the cut answer look whole. */
  #error(failure: Failure): void {
    const error = wireErrorOfFailure(failure, FAILURES[failure.kind].status);
    this.#written += namedEvent("error", writeError(error));
  }
}
