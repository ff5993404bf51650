import type { BlockStart, ChatEvent, Finish } from "../../../core/event.ts";
import { FAILURES } from "../../../core/failure.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { Citation, OpaqueState, TokenLogprob } from "../../../core/part.ts";
import type { Usage } from "../../../core/usage.ts";
import { dataEvent, SSE_COMMENT } from "../../bytes/stream.ts";
import { type AnswerContext, type StreamWriter, wireErrorOfFailure } from "../../format.ts";
import { openAIErrorBody } from "../../openai-error.ts";
import { writeDetail } from "../reasoning-details.ts";
import { writeAnnotation } from "./annotations.ts";
import { writeUsage } from "./usage.ts";
import { CallWriter } from "./write-calls.ts";
import { choiceLogprobs, refusalOf } from "./write-response.ts";

export function writeStream(context: AnswerContext): StreamWriter {
  return new ChatStreamWriter(context);
}

type ReasoningStart = Extract<BlockStart, { type: "reasoning" }>;

class ChatStreamWriter implements StreamWriter {
  readonly #context: AnswerContext;
  /** Everything before `choices`, the same in every chunk. */
  #head = "";
  /** With usage asked for, every chunk but the last says it has none yet. */
  readonly #tail: string;
  #usage: Usage | undefined;
  readonly #calls: CallWriter;
  readonly #reasoning = new Map<number, { start: ReasoningStart; text: string }>();
  #detailCount = 0;
  #refused = false;
  readonly #citations: Citation[] = [];
  #textLength = 0;
  #blockStart = 0;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#calls = new CallWriter(context);
    this.#tail = context.request.includeUsage ? `,"usage":null}\n\n` : "}\n\n";
  }

  write(event: ChatEvent): string {
    switch (event.type) {
      case "start":
        return this.#start(event.id, event.model, event.usage);
      case "block-start":
        return this.#open(event.index, event.block);
      case "text-delta":
        this.#textLength += event.text.length;
        return this.#text(event.text, event.logprobs);
      case "reasoning-delta":
        return this.#reason(event.index, event.text);
      case "refusal-delta":
        this.#refused = true;
        return this.#chunk(`{"refusal":${JSON.stringify(event.text)}}`);
      case "arguments-delta":
        return this.#delta(this.#calls.arguments(event.index, event.text));
      case "citation":
        this.#citations.push(event.citation);
        return "";
      case "block-end":
        return this.#close(event.index, event.state);
      case "finish":
        return this.#finish(event);
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
      case "opaque":
        this.#context.lost(event.part.what, "dropped");
        return "";
    }
  }

  #start(id: string, model: string, usage: Usage | undefined): string {
    const { request, createdMs } = this.#context;
    this.#usage = usage;
    const head = JSON.stringify({
      id: id || `chatcmpl-${this.#context.id}`,
      object: "chat.completion.chunk",
      created: Math.floor(createdMs / 1000),
      model: model || request.model,
    });
    this.#head = `data: ${head.slice(0, -1)},"choices":`;
    return this.#chunk(`{"role":"assistant","content":""}`);
  }

  #text(text: string, logprobs: TokenLogprob[] | undefined): string {
    const delta = `{"content":${JSON.stringify(text)}}`;
    return this.#chunk(logprobs ? `${delta},"logprobs":${JSON.stringify(choiceLogprobs(logprobs))}` : delta);
  }

  #chunk(delta: string, finish?: string): string {
    const reason = finish === undefined ? "null" : JSON.stringify(finish);
    return `${this.#head}[{"index":0,"delta":${delta},"finish_reason":${reason}}]${this.#tail}`;
  }

  #usageChunk(): string {
    if (!this.#context.request.includeUsage || !this.#usage) return "";
    return `${this.#head}[],"usage":${JSON.stringify(writeUsage(this.#usage))}}\n\n`;
  }

  #open(index: number, block: BlockStart): string {
    if (block.type === "text") this.#blockStart = this.#textLength;
    if (block.type === "reasoning") this.#reasoning.set(index, { start: block, text: "" });
    return block.type === "tool-call" ? this.#delta(this.#calls.open(index, block)) : "";
  }

  #delta(delta: JsonObject | undefined): string {
    return delta ? this.#chunk(JSON.stringify(delta)) : "";
  }

  #finish(finish: Finish): string {
    const refusal = this.#refused ? "" : refusalOf(finish);
    const said = refusal === "" ? "" : this.#chunk(`{"refusal":${JSON.stringify(refusal)}}`);
    return said + this.#chunk("{}", this.#calls.finish(finish.reason));
  }

  /** Told when the text is whole: only then is it known where a citation ends that names no place. */
  #cite(): string {
    const annotations: JsonObject[] = [];
    for (const citation of this.#citations.splice(0)) {
      const annotation = writeAnnotation(citation, this.#blockStart, this.#textLength - this.#blockStart);
      if (annotation) annotations.push(annotation);
      else this.#context.lost("citations", "dropped");
    }
    return annotations.length === 0 ? "" : this.#chunk(JSON.stringify({ annotations }));
  }

  #reason(index: number, text: string): string {
    const block = this.#reasoning.get(index);
    if (block) block.text += text;
    return this.#chunk(`{"reasoning_content":${JSON.stringify(text)}}`);
  }

  #close(index: number, state: OpaqueState | undefined): string {
    const block = this.#reasoning.get(index);
    this.#reasoning.delete(index);
    if (!block) return this.#delta(this.#calls.close(index, state)) + this.#cite();
    if (!state) return "";
    const { id, summary } = block.start;
    const part = {
      type: "reasoning" as const,
      text: block.text,
      state,
      ...(id !== undefined && { id }),
      ...(summary && { summary }),
    };
    return this.#chunk(JSON.stringify({ reasoning_details: [writeDetail(part, this.#detailCount++)] }));
  }
}
