import type { BlockStart, ChatEvent, FinishReason } from "../../../core/event.ts";
import type { Failure } from "../../../core/failure.ts";
import { asObject, asString, type JsonObject } from "../../../core/json.ts";
import type { OpaquePart, WebSearch } from "../../../core/part.ts";
import type { Usage } from "../../../core/usage.ts";
import type { AnswerContext } from "../../format.ts";
import { openAICodeOf } from "../../openai-error.ts";
import { legalToolId } from "../../tools/ids.ts";
import { type ToolOrigin, toolOrigins } from "../tool-names.ts";
import { type ResponseState, responseObject } from "./echo.ts";
import { type Emit, ItemPlace, type ItemStatus, type OutputItem } from "./output-item.ts";
import { writeUsage } from "./usage.ts";
import { SearchItem } from "./web-search.ts";
import { CustomCallItem, FunctionCallItem } from "./write-call.ts";
import { MessageItem } from "./write-message.ts";
import { ReasoningItem } from "./write-reasoning.ts";

const CALL_ID = { pattern: /^[\s\S]+$/, max: 64 };

type CallStart = Extract<BlockStart, { type: "tool-call" }>;

/**
 * Events whose blocks do not overlap → the items and events of a response. An item is closed when the next one opens or the
 * answer finishes, not with its block: only then is it known whether it was cut, and clients run a call once it is done.
 */
export class OutputWriter {
  /** The response object last told. */
  response: JsonObject = {};
  readonly #context: AnswerContext;
  readonly #emit: Emit;
  readonly #output: JsonObject[] = [];
  readonly #ids = new Set<string>();
  #origins: ReadonlyMap<string, ToolOrigin> | undefined;
  #item: OutputItem | undefined;
  #id: string;
  readonly #messageId: string | undefined;
  #model: string;
  #started = false;
  #refused = false;
  #reason: FinishReason = "stop";
  #usage: Usage | undefined;

  /** `messageId`: of the first message, where another has told of it already. */
  constructor(context: AnswerContext, emit: Emit, messageId?: string) {
    this.#context = context;
    this.#emit = emit;
    this.#messageId = messageId;
    this.#id = `resp_${context.id}`;
    this.#model = context.request.model;
  }

  next(event: ChatEvent): void {
    switch (event.type) {
      case "start":
        // An id of this API's own may be asked for again.
        if (event.id.startsWith("resp_")) this.#id = event.id;
        if (event.model !== "") this.#model = event.model;
        this.#usage = event.usage ?? this.#usage;
        return this.#start();
      case "block-start":
        return this.#blockStart(event.block);
      case "text-delta":
        return this.#item?.delta(event.text, event.logprobs);
      case "reasoning-delta":
      case "refusal-delta":
      case "arguments-delta":
        return this.#item?.delta(event.text);
      case "citation":
        return this.#item?.cite(event.citation);
      case "block-end":
        return this.#item?.endBlock(event.state);
      case "opaque":
        return this.#opaque(event.part);
      case "finish":
        this.#reason = event.reason;
        this.#explain(event.refusal?.explanation);
        return this.#close(this.#cut() ? "incomplete" : "completed");
      case "usage":
        this.#usage = event.usage;
        return;
      case "end":
        return this.#end();
      case "error":
        return this.#fail(event.failure);
      case "ping":
        return;
    }
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#tell("response.created", { status: "in_progress" });
    this.#tell("response.in_progress", { status: "in_progress" });
  }

  #blockStart(block: BlockStart): void {
    this.#start();
    if (block.type === "text" || block.type === "refusal") {
      if (block.type === "refusal") this.#refused = true;
      if (this.#item?.takes(block.type)) return;
      const lost = () => this.#context.lost("citations", "dropped");
      this.#open("msg", this.#messageId, (place) => new MessageItem(place, lost)).takes(block.type);
    } else if (block.type === "reasoning") {
      const summary = block.summary === true || this.#wantsSummary();
      this.#open("rs", block.id, (place) => new ReasoningItem(place, summary));
    } else this.#call(block);
  }

  /** Why the answer was refused, where no block of it says so. */
  #explain(explanation: string | undefined): void {
    if (this.#reason !== "refusal" || this.#refused || !explanation) return;
    this.#blockStart({ type: "refusal" });
    this.#item?.delta(explanation);
    this.#item?.endBlock(undefined);
  }

  /** A client that asked for a summary shows summaries only, whatever kind of reasoning the provider gives. */
  #wantsSummary(): boolean {
    const asked = asObject(this.#context.body["reasoning"]);
    return typeof asked?.["summary"] === "string" || typeof asked?.["generate_summary"] === "string";
  }

  #call(block: CallStart): void {
    this.#origins ??= toolOrigins(this.#context.body);
    const tool = this.#origins.get(block.name) ?? { name: block.name, kind: block.kind };
    const callId = this.#unique(legalToolId(block.id === "" ? `call_${this.#suffix()}` : block.id, CALL_ID));
    const identity = { callId, tool };
    if (tool.kind === "custom" || block.kind === "custom") {
      this.#open("ctc", undefined, (place) => new CustomCallItem(place, identity, block.kind === "function"));
    } else this.#open("fc", undefined, (place) => new FunctionCallItem(place, identity));
  }

  /** Hosted tools' items go on to clients of the same API; of others' only searches can be shown. */
  #opaque(part: OpaquePart): void {
    const value = asObject(part.value);
    this.#start();
    if (part.dialect === "openai-responses" && value && asString(value["type"])) return this.#whole(value);
    if (part.search) return this.#search(part.search);
    this.#context.lost(part.what, "dropped");
  }

  #whole(value: JsonObject): void {
    this.#close("completed");
    const item = { ...value, id: this.#unique(asString(value["id"]) || `item_${this.#suffix()}`) };
    const fields = { output_index: this.#output.length, item };
    this.#emit("response.output_item.added", fields);
    this.#emit("response.output_item.done", fields);
    this.#output.push(item);
  }

  #search(search: WebSearch): void {
    if (this.#item instanceof SearchItem && this.#item.add(search)) return;
    this.#open("ws", SearchItem.idOf(search), (place) => new SearchItem(place, search)).begin?.();
  }

  #open(prefix: string, id: string | undefined, make: (place: ItemPlace) => OutputItem): OutputItem {
    this.#close("completed");
    const own = id !== undefined && id !== "" && !this.#ids.has(id) ? id : `${prefix}_${this.#suffix()}`;
    const item = make(new ItemPlace(this.#unique(own), this.#output.length, this.#emit));
    this.#item = item;
    this.#emit("response.output_item.added", { output_index: this.#output.length, item: item.opening });
    return item;
  }

  #close(status: ItemStatus): void {
    const item = this.#item?.close(status);
    this.#item = undefined;
    if (item === undefined) return;
    this.#emit("response.output_item.done", { output_index: this.#output.length, item });
    this.#output.push(item);
  }

  #suffix(): string {
    return `${this.#context.id}_${this.#output.length + (this.#item === undefined ? 0 : 1)}`;
  }

  /** The official client refuses an answer that uses an id twice. */
  #unique(id: string): string {
    let unique = id;
    for (let copy = 2; this.#ids.has(unique); copy++) unique = legalToolId(`${id}_${copy}`, CALL_ID);
    this.#ids.add(unique);
    return unique;
  }

  #cut(): boolean {
    return this.#reason === "length" || this.#reason === "context" || this.#blocked();
  }

  /** A filter stopped the answer, and no refusal says so in words. */
  #blocked(): boolean {
    return this.#reason === "refusal" && !this.#refused;
  }

  #end(): void {
    this.#start();
    const incomplete = this.#cut();
    this.#close(incomplete ? "incomplete" : "completed");
    const usage = writeUsage(this.#usage ?? this.#estimated());
    if (!incomplete) return this.#tell("response.completed", { status: "completed", usage });
    const incompleteReason = this.#blocked() ? "content_filter" : "max_output_tokens";
    this.#tell("response.incomplete", { status: "incomplete", usage, incompleteReason });
  }

  /** OpenCode asks again for ever when an answer ends without usage. */
  #estimated(): Usage {
    const input = this.#context.estimatedInput;
    return { input, output: 0, cachedRead: 0, cacheWrite: 0, cacheWriteLong: 0, reasoning: 0, reported: false };
  }

  /** The open item stays open: a call cut in its middle must not look like one to run. */
  #fail(failure: Failure): void {
    this.#start();
    const error = { code: openAICodeOf(failure.kind, failure.code), message: messageOf(failure) };
    const usage = this.#usage && writeUsage(this.#usage);
    this.#tell("response.failed", { status: "failed", error, ...(usage && { usage }) });
  }

  #tell(type: string, state: Pick<ResponseState, "status"> & Partial<ResponseState>): void {
    this.response = responseObject(this.#context, {
      id: this.#id,
      model: this.#model,
      output: [...this.#output],
      usage: null,
      ...state,
    });
    this.#emit(type, { response: this.response });
  }
}

/** In a stream there is no header for it: Codex reads how long to wait from the words. */
function messageOf({ kind, message, retryAfter }: Failure): string {
  if (kind !== "rate-limit" || retryAfter === undefined || /try again in/i.test(message)) return message;
  return `${message} Please try again in ${retryAfter}s.`;
}
