import type { BlockStart, ChatEvent, FinishReason } from "../../../core/event.ts";
import { asArray, asObject, asString, isObject, type JsonObject, objectsOf } from "../../../core/json.ts";
import { readLogprobs } from "../../logprobs.ts";
import { failureOfOpenAIError } from "../../openai-error.ts";
import { callName } from "../../tools/call-name.ts";
import { callIdFor } from "../../tools/ids.ts";
import { citationOf } from "../citations.ts";
import { readReasoning } from "../request/read-items.ts";
import { flatToolName } from "../tool-names.ts";
import { ReadBlocks } from "./read-blocks.ts";
import { readUsage } from "./usage.ts";
import { searchOf } from "./web-search.ts";

type ToolStart = Extract<BlockStart, { type: "tool-call" }>;

/**
 * The output of an answer, item by item, as events: the stream's deltas and the whole items of a finished answer go through
 * the same methods. `item` is the place of the item in the output, never its id: some servers change ids in mid-stream.
 */
export class OutputReader {
  readonly #blocks = new ReadBlocks();
  readonly #calls = new Map<number, ToolStart>();
  readonly #unnamed = new Set<number>();
  readonly #reasoning = new Map<number, { id?: string; summary: boolean }>();
  readonly #cited = new Set<string>();
  readonly #done = new Set<number>();
  readonly #doneIds = new Set<string>();
  #started = false;
  #called = false;
  #refused = false;

  start(response: JsonObject, out: ChatEvent[]): void {
    if (this.#started) return;
    this.#started = true;
    out.push({ type: "start", id: asString(response["id"]) ?? "", model: asString(response["model"]) ?? "" });
  }

  /** An item was announced. Only a call can be told of already; the others open with their first text. */
  itemAdded(item: number, value: JsonObject, out: ChatEvent[]): void {
    const start = callOf(value, item);
    // What has no name yet may get it when the item is done.
    if (start?.name === "") this.#unnamed.add(item);
    else if (start !== undefined) this.#openCall(item, start, out);
    else if (value["type"] === "reasoning") this.#noteReasoning(item, value);
  }

  /** `said`: the event or content part the text stands in. */
  text(item: number, content: number, text: string, said: JsonObject, whole: boolean, out: ChatEvent[]): void {
    const key = `text:${item}:${content}`;
    const logprobs = readLogprobs(said["logprobs"]);
    if (logprobs) this.#blocks.tokens(key, text, logprobs, whole, out);
    else this.#tell(key, undefined, { type: "text" }, text, whole, out);
  }

  refusal(item: number, content: number, text: string, whole: boolean, out: ChatEvent[]): void {
    if (text !== "") this.#refused = true;
    this.#tell(`refusal:${item}:${content}`, undefined, { type: "refusal" }, text, whole, out);
  }

  /** `part` counts the parts of a summary, or of raw reasoning. */
  reasoning(item: number, part: number, text: string, summary: boolean, whole: boolean, out: ChatEvent[]): void {
    if (text === "") return;
    const noted = this.#reasoning.get(item) ?? { summary };
    this.#reasoning.set(item, { ...noted, summary });
    const start: BlockStart = {
      type: "reasoning",
      ...(noted.id !== undefined && { id: noted.id }),
      ...(summary && { summary: true }),
    };
    const key = reasoningKey(item, summary);
    this.#tell(key, `${key}:${part}`, start, text, whole, out);
  }

  args(item: number, text: string, whole: boolean, out: ChatEvent[]): void {
    const start = this.#calls.get(item);
    // Arguments of a call nobody announced: its name comes with the whole item.
    if (start !== undefined) this.#tell(`call:${item}`, undefined, start, text, whole, out);
  }

  /** More of the text that was told last. */
  said(text: string): void {
    this.#blocks.said(text);
  }

  citation(item: number, content: number, annotation: JsonObject, out: ChatEvent[]): void {
    const seen = `${item}:${content}:${JSON.stringify(annotation)}`;
    if (this.#cited.has(seen)) return;
    this.#cited.add(seen);
    this.#blocks.cite(`text:${item}:${content}`, citationOf(annotation), out);
  }

  /** A content part is complete. */
  part(item: number, content: number, value: JsonObject, out: ChatEvent[]): void {
    switch (value["type"]) {
      case "output_text":
        this.text(item, content, asString(value["text"]) ?? "", value, true, out);
        for (const annotation of objectsOf(value["annotations"])) this.citation(item, content, annotation, out);
        this.#blocks.end(`text:${item}:${content}`, out);
        return;
      case "refusal":
        this.refusal(item, content, asString(value["refusal"]) ?? "", true, out);
        this.#blocks.end(`refusal:${item}:${content}`, out);
        return;
      case "reasoning_text":
        this.reasoning(item, content, asString(value["text"]) ?? "", false, true, out);
        return;
    }
  }

  /** The item is complete: tells whatever of it was not told yet. */
  itemDone(item: number, value: JsonObject, out: ChatEvent[]): void {
    if (this.#done.has(item)) return;
    this.#done.add(item);
    this.#doneIds.add(asString(value["id"]) ?? "");
    const call = callOf(value, item);
    if (call !== undefined) {
      callName(call.name);
      this.#unnamed.delete(item);
      if (!this.#blocks.has(`call:${item}`)) this.#openCall(item, call, out);
      this.args(item, asString(value[call.kind === "custom" ? "input" : "arguments"]) ?? "", true, out);
      this.#blocks.end(`call:${item}`, out);
    } else if (value["type"] === "message") {
      objectsOf(value["content"]).forEach((part, index) => {
        this.part(item, index, part, out);
      });
    } else if (value["type"] === "reasoning") this.#reasoningDone(item, value, out);
    else {
      const what = asString(value["type"]) || "item";
      const search = searchOf(value);
      this.#blocks.opaque({ type: "opaque", dialect: "openai-responses", what, value, ...(search && { search }) }, out);
    }
  }

  /** The answer is over: `response` is the final object, which may hold items no event was seen for. */
  finish(response: JsonObject, out: ChatEvent[]): void {
    this.start(response, out);
    const usage = readUsage(asObject(response["usage"]));
    if (response["status"] === "failed" || response["status"] === "cancelled" || isObject(response["error"])) {
      // Open blocks stay open: a call cut in its middle must not look like one to run.
      if (usage !== undefined) out.push({ type: "usage", usage });
      out.push({ type: "error", failure: failureOfOpenAIError(errorOf(response)) });
      return;
    }
    (asArray(response["output"]) ?? []).forEach((value, item) => {
      if (isObject(value) && !this.#toldElsewhere(value)) this.itemDone(item, value, out);
    });
    if (this.#unnamed.size > 0) callName(undefined);
    this.#blocks.endAll(out);
    const { reason, native } = this.#finishOf(response);
    out.push({ type: "finish", reason, native });
    if (usage !== undefined) out.push({ type: "usage", usage });
    out.push({ type: "end" });
  }

  /** Of an answer whose final output leaves items out, the rest stands at other places than its events said. */
  #toldElsewhere(item: JsonObject): boolean {
    const id = asString(item["id"]);
    return id !== undefined && id !== "" && this.#doneIds.has(id);
  }

  #finishOf(response: JsonObject): { reason: FinishReason; native: string } {
    if (response["status"] === "incomplete") {
      const native = asString(asObject(response["incomplete_details"])?.["reason"]) ?? "incomplete";
      if (native === "max_output_tokens" || native === "max_tokens") return { reason: "length", native };
      if (native === "content_filter") return { reason: "refusal", native };
      // Whatever cut it: a call in it may be half a call, which must not look like one to run.
      return { reason: this.#called ? "length" : "other", native };
    }
    const native = asString(response["status"]) ?? "completed";
    if (this.#called) return { reason: "tool_calls", native };
    return { reason: this.#refused ? "refusal" : "stop", native };
  }

  #openCall(item: number, start: ToolStart, out: ChatEvent[]): void {
    this.#called = true;
    this.#calls.set(item, start);
    this.#blocks.open(`call:${item}`, start, out);
  }

  #noteReasoning(item: number, value: JsonObject): void {
    const id = asString(value["id"]);
    const before = this.#reasoning.get(item);
    this.#reasoning.set(item, {
      summary: before?.summary ?? false,
      ...(before?.id !== undefined ? { id: before.id } : id !== undefined && { id }),
    });
  }

  #reasoningDone(item: number, value: JsonObject, out: ChatEvent[]): void {
    this.#noteReasoning(item, value);
    this.#parts(item, value, "summary", out);
    this.#parts(item, value, "content", out);
    const { state } = readReasoning(value);
    const noted = this.#reasoning.get(item);
    const key = reasoningKey(item, noted?.summary ?? false);
    if (state !== undefined && !this.#blocks.has(key))
      this.#blocks.open(key, { type: "reasoning", ...(noted?.id !== undefined && { id: noted.id }) }, out);
    this.#blocks.end(key, out, state);
  }

  #parts(item: number, value: JsonObject, field: "summary" | "content", out: ChatEvent[]): void {
    objectsOf(value[field]).forEach((part, index) => {
      this.reasoning(item, index, asString(part["text"]) ?? "", field === "summary", true, out);
    });
  }

  #tell(
    key: string,
    piece: string | undefined,
    start: BlockStart,
    text: string,
    whole: boolean,
    out: ChatEvent[],
  ): void {
    if (whole) this.#blocks.complete(key, piece ?? key, start, text, out);
    else this.#blocks.append(key, piece ?? key, start, text, out);
  }
}

function reasoningKey(item: number, summary: boolean): string {
  return `${summary ? "summary" : "reasoning"}:${item}`;
}

function callOf(item: JsonObject, position: number): ToolStart | undefined {
  const type = item["type"];
  if (type !== "function_call" && type !== "custom_tool_call") return undefined;
  const kind = type === "function_call" ? "function" : "custom";
  const own = asString(item["name"]) ?? "";
  const name = own === "" ? "" : flatToolName(asString(item["namespace"]), own);
  const id = asString(item["call_id"]) || asString(item["id"]) || callIdFor(position, name, "");
  return { type: "tool-call", id, name, kind };
}

function errorOf(response: JsonObject): JsonObject {
  const error = asObject(response["error"]);
  if (error !== undefined) return error;
  return { message: `the provider ended the answer as ${asString(response["status"]) ?? "failed"}` };
}
