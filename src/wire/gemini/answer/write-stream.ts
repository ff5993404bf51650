import type { BlockStart, ChatEvent } from "../../../core/event.ts";
import { FAILURES, type Failure } from "../../../core/failure.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { TokenLogprob } from "../../../core/part.ts";
import type { ChatResponse } from "../../../core/response.ts";
import type { Usage } from "../../../core/usage.ts";
import { BlockSequencer } from "../../blocks.ts";
import { dataEvent } from "../../bytes/stream.ts";
import { type AnswerContext, type StreamWriter, wireErrorOfFailure } from "../../format.ts";
import { writeError } from "../write-error.ts";
import { writeLogprobs } from "./logprobs.ts";
import { writeFinish, writeUsage } from "./write-finish.ts";
import { Grounding } from "./write-grounding.ts";
import { writeCall, writeReasoning, writeText } from "./write-parts.ts";
import { writeHead } from "./write-response.ts";

/** How one response of the stream is framed: as an event, or as an element of one long JSON array. */
interface Framing {
  response(json: JsonObject): string;
  close(): string;
}

/** `alt=sse`. Nothing but `data:` lines: Gemini CLI and Google's old SDK break on comments, the new one on `event:`. */
export function writeEventStream(context: AnswerContext): StreamWriter {
  return new GeminiStream(context, { response: dataEvent, close: () => "" });
}

/** What Google's API sends without `alt=sse`. */
export function writeArrayStream(context: AnswerContext): StreamWriter {
  let begun = false;
  return new GeminiStream(context, {
    response(json) {
      const text = `${begun ? ",\n" : "["}${JSON.stringify(json)}`;
      begun = true;
      return text;
    },
    close: () => "\n]\n",
  });
}

/** A response for each delta of text or thought and for each complete call, and a last one with reason, usage and sources. */
class GeminiStream implements StreamWriter {
  readonly #context: AnswerContext;
  readonly #framing: Framing;
  readonly #grounding: Grounding;
  readonly #sequencer = new BlockSequencer((event) => this.#take(event));
  #written = "";
  #id = "";
  #model = "";
  #block: BlockStart | undefined;
  #arguments = "";
  #refused = false;
  #called = false;
  #usage: Usage | undefined;
  #finish: ChatResponse["finish"] | undefined;

  constructor(context: AnswerContext, framing: Framing) {
    this.#context = context;
    this.#framing = framing;
    this.#grounding = new Grounding(context);
  }

  write(event: ChatEvent): string {
    this.#written = "";
    this.#sequencer.push(event);
    return this.#written;
  }

  #take(event: ChatEvent): void {
    switch (event.type) {
      case "start":
        this.#id = event.id;
        this.#model = event.model;
        this.#usage ??= event.usage;
        return;
      case "block-start":
        return this.#open(event.block);
      case "text-delta":
        return this.#text(event.text, event.logprobs);
      case "refusal-delta":
        return this.#text(event.text);
      case "reasoning-delta":
        return this.#part(writeReasoning({ text: event.text }));
      case "arguments-delta":
        this.#arguments += event.text;
        return;
      case "citation":
        return this.#grounding.cite(event.citation);
      case "block-end":
        return this.#close(event);
      case "opaque":
        return this.#part(this.#grounding.opaque(event.part));
      case "finish":
        this.#finish = event;
        return;
      case "usage":
        this.#usage = event.usage;
        return;
      case "ping":
        return;
      case "end":
        return this.#end();
      case "error":
        return this.#error(event.failure);
    }
  }

  #open(block: BlockStart): void {
    this.#block = block;
    this.#arguments = "";
    if (block.type === "refusal") this.#refused = true;
    if (block.type === "tool-call") this.#called = true;
    if (block.type === "text" || block.type === "refusal") this.#grounding.block();
  }

  #text(text: string, logprobs?: TokenLogprob[]): void {
    if (text === "" && !logprobs) return;
    this.#grounding.text(text);
    this.#part(writeText(text), writeLogprobs(logprobs));
  }

  #close({ state }: Extract<ChatEvent, { type: "block-end" }>): void {
    const block = this.#block;
    this.#block = undefined;
    if (block?.type === "reasoning") this.#part(writeReasoning({ text: "", ...(state && { state }) }));
    if (block?.type === "tool-call")
      this.#part(writeCall({ ...block, arguments: this.#arguments, ...(state && { state }) }));
  }

  #part(part: JsonObject | undefined, beside: JsonObject = {}): void {
    if (part) this.#response({ content: { role: "model", parts: [part] }, index: 0, ...beside });
  }

  #response(candidate: JsonObject, more: JsonObject = {}): void {
    const head = writeHead(this.#id, this.#model, this.#context);
    this.#written += this.#framing.response({ candidates: [candidate], ...more, ...head });
  }

  #end(): void {
    const finish = this.#finish ?? { reason: this.#called ? "tool_calls" : "stop" };
    this.#response(
      {
        // With a part in it, or Google's SDK keeps nothing of the answer in its chat history.
        content: { role: "model", parts: [writeText("")] },
        finishReason: writeFinish(finish, this.#refused, this.#context),
        index: 0,
        ...this.#grounding.write(),
      },
      this.#usage ? { usageMetadata: writeUsage(this.#usage) } : {},
    );
    this.#written += this.#framing.close();
  }

  /** No finish reason: the cut answer must not look whole. */
  #error(failure: Failure): void {
    const error = wireErrorOfFailure(failure, FAILURES[failure.kind].status);
    this.#written += this.#framing.response(writeError(error)) + this.#framing.close();
  }
}
