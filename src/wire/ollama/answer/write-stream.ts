import type { ChatEvent, FinishReason } from "../../../core/event.ts";
import { isContent } from "../../../core/event.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { TokenLogprob, ToolCallPart } from "../../../core/part.ts";
import type { Usage } from "../../../core/usage.ts";
import type { AnswerContext, StreamWriter } from "../../format.ts";
import { writeLogprobs } from "../../logprobs.ts";
import { type Lost, tellOnce } from "../../loss/lost.ts";
import { head, tail, writeCall } from "./write-answer.ts";

/** How one kind of content is said: under `message` for chat, at top level for generate. */
export interface LineShape {
  text(text: string): JsonObject;
  thinking(text: string): JsonObject;
  calls(calls: JsonObject[]): JsonObject;
}

/** An empty piece: the dialect has no comments, it is the only sign of life there is. */
export function emptyLine(shape: LineShape, model: string, wallMs: number): string {
  const line = { model, created_at: new Date(wallMs).toISOString(), ...shape.text(""), done: false };
  return `${JSON.stringify(line)}\n`;
}

export const CHAT_LINES: LineShape = {
  text: (content) => ({ message: { role: "assistant", content } }),
  thinking: (thinking) => ({ message: { role: "assistant", content: "", thinking } }),
  calls: (tool_calls) => ({ message: { role: "assistant", content: "", tool_calls } }),
};

/** One line for each delta of text or thinking, one for each complete call, and the last one with the counts. */
export class OllamaStream implements StreamWriter {
  readonly #context: AnswerContext;
  readonly #lost: Lost;
  readonly #shape: LineShape;
  #model: string;
  #reason: FinishReason = "stop";
  #usage: Usage | undefined;
  #firstMs: number | undefined;
  #calls = 0;
  readonly #open = new Map<number, Omit<ToolCallPart, "type">>();

  constructor(context: AnswerContext, shape: LineShape) {
    this.#context = context;
    this.#lost = tellOnce(context);
    this.#shape = shape;
    this.#model = context.request.model;
  }

  write(event: ChatEvent): string {
    if (this.#firstMs === undefined && isContent(event)) this.#firstMs = this.#context.elapsedMs();
    switch (event.type) {
      case "start":
        return this.#start(event.model, event.usage);
      case "text-delta":
        return this.#text(event.text, event.logprobs);
      case "refusal-delta":
        return event.text === "" ? "" : this.#line(this.#shape.text(event.text));
      case "reasoning-delta":
        return event.text === "" ? "" : this.#line(this.#shape.thinking(event.text));
      case "block-start":
        if (event.block.type === "tool-call") this.#open.set(event.index, { ...event.block, arguments: "" });
        return "";
      case "arguments-delta":
        return this.#arguments(event.index, event.text);
      case "block-end":
        return this.#callDone(event.index);
      case "finish":
        this.#reason = event.reason;
        return "";
      case "usage":
        this.#usage = event.usage;
        return "";
      case "ping":
        return emptyLine(this.#shape, this.#model, this.#context.createdMs + this.#context.elapsedMs());
      case "end":
        return this.#end();
      case "error":
        return `${JSON.stringify({ error: event.failure.message })}\n`;
      case "citation":
        this.#lost("citations");
        return "";
      case "opaque":
        this.#lost(event.part.what);
        return "";
    }
  }

  #text(text: string, logprobs: TokenLogprob[] | undefined): string {
    if (logprobs) return this.#line({ ...this.#shape.text(text), logprobs: writeLogprobs(logprobs) });
    return text === "" ? "" : this.#line(this.#shape.text(text));
  }

  #start(model: string, usage: Usage | undefined): string {
    if (model !== "") this.#model = model;
    if (usage) this.#usage = usage;
    return "";
  }

  #arguments(index: number, text: string): string {
    const call = this.#open.get(index);
    if (call) call.arguments += text;
    return "";
  }

  #callDone(index: number): string {
    const call = this.#open.get(index);
    if (!call) return "";
    this.#open.delete(index);
    return this.#line(this.#shape.calls([writeCall(call, this.#calls++)]));
  }

  #line(content: JsonObject): string {
    return `${JSON.stringify({ ...head(this.#model, this.#context), ...content, done: false })}\n`;
  }

  /** Calls whose block nobody closed are given out first: they are part of the answer all the same. */
  #end(): string {
    let lines = "";
    for (const index of [...this.#open.keys()]) lines += this.#callDone(index);
    const first = this.#firstMs ?? this.#context.elapsedMs();
    const last = {
      ...head(this.#model, this.#context),
      ...this.#shape.text(""),
      ...tail(this.#reason, this.#usage, first, this.#context),
    };
    return `${lines}${JSON.stringify(last)}\n`;
  }
}
