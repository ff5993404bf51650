import type { BlockStart, ChatEvent } from "../../../core/event.ts";
import { FAILURES } from "../../../core/failure.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { OpaqueState } from "../../../core/part.ts";
import type { Usage } from "../../../core/usage.ts";
import { type AnswerContext, type StreamWriter, wireErrorOfFailure } from "../../format.ts";
import { openAIErrorBody } from "../../openai-error.ts";
import { dataEvent } from "../../stream.ts";
import { writeDetail } from "../reasoning-details.ts";
import { writeAnnotation } from "./annotations.ts";
import { writeFinish } from "./finish.ts";
import { writeUsage } from "./usage.ts";

export function writeStream(context: AnswerContext): StreamWriter {
  return new ChatStreamWriter(context);
}

interface OpenTool {
  /** Place among the tool calls: Chat counts them alone. */
  place: number;
  kind: "function" | "custom";
  empty: boolean;
}

type ReasoningStart = Extract<BlockStart, { type: "reasoning" }>;

class ChatStreamWriter implements StreamWriter {
  readonly #context: AnswerContext;
  /** Everything before `choices`, the same in every chunk. */
  #head = "";
  /** With usage asked for, every chunk but the last says it has none yet. */
  readonly #tail: string;
  #usage: Usage | undefined;
  readonly #tools = new Map<number, OpenTool>();
  #toolCount = 0;
  readonly #reasoning = new Map<number, { start: ReasoningStart; text: string }>();
  #detailCount = 0;
  #textLength = 0;
  #blockStart = 0;

  constructor(context: AnswerContext) {
    this.#context = context;
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
        return this.#chunk(`{"content":${JSON.stringify(event.text)}}`);
      case "reasoning-delta":
        return this.#reason(event.index, event.text);
      case "refusal-delta":
        return this.#chunk(`{"refusal":${JSON.stringify(event.text)}}`);
      case "arguments-delta":
        return this.#arguments(event.index, event.text);
      case "citation": {
        const length = this.#textLength - this.#blockStart;
        const annotation = writeAnnotation(event.citation, this.#blockStart, length);
        return annotation ? this.#chunk(JSON.stringify({ annotations: [annotation] })) : "";
      }
      case "block-end":
        return this.#close(event.index, event.state);
      case "finish":
        return this.#chunk("{}", writeFinish(event.reason, this.#toolCount > 0));
      case "usage":
        this.#usage = event.usage;
        return "";
      case "ping":
        return ": ping\n\n";
      case "end":
        return `${this.#usageChunk()}data: [DONE]\n\n`;
      case "error": {
        const { failure } = event;
        return dataEvent(openAIErrorBody(wireErrorOfFailure(failure, FAILURES[failure.kind].status)));
      }
      case "opaque":
        return ""; // hosted tools' blocks have no place in Chat
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
    if (block.type !== "tool-call") return "";
    const { id, name, kind } = block;
    const place = this.#toolCount++;
    this.#tools.set(index, { place, kind, empty: true });
    const inner: JsonObject = kind === "custom" ? { name, input: "" } : { name, arguments: "" };
    return this.#toolChunk({ index: place, id, type: kind, [kind]: inner });
  }

  #toolChunk(call: JsonObject): string {
    return this.#chunk(`{"tool_calls":[${JSON.stringify(call)}]}`);
  }

  #arguments(index: number, text: string): string {
    const tool = this.#tools.get(index);
    if (!tool || text === "") return "";
    tool.empty = false;
    const inner: JsonObject = tool.kind === "custom" ? { input: text } : { arguments: text };
    return this.#toolChunk({ index: tool.place, [tool.kind]: inner });
  }

  #reason(index: number, text: string): string {
    const block = this.#reasoning.get(index);
    if (block) block.text += text;
    return this.#chunk(`{"reasoning_content":${JSON.stringify(text)}}`);
  }

  #close(index: number, state: OpaqueState | undefined): string {
    const tool = this.#tools.get(index);
    // A call without arguments: clients parse what they got, and "" is not JSON.
    if (tool?.empty && tool.kind === "function") return this.#arguments(index, "{}");
    const block = this.#reasoning.get(index);
    this.#reasoning.delete(index);
    if (!block || !state) return "";
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
