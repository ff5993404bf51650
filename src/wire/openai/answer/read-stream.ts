import type { ChatEvent } from "../../../core/event.ts";
import type { Failure } from "../../../core/failure.ts";
import { asNumber, asObject, asString, isObject, type Json, type JsonObject, objectsOf } from "../../../core/json.ts";
import type { Usage } from "../../../core/usage.ts";
import { ImplicitBlocks } from "../../blocks.ts";
import { type Delta, NOTHING_MORE, type StreamProtocol, sseReader } from "../../bytes/stream.ts";
import type { StreamReader } from "../../format.ts";
import { readLogprobs } from "../../logprobs.ts";
import { plainReasoning } from "../reasoning-details.ts";
import { thoughtSignature } from "../thought-signature.ts";
import { readAnnotations } from "./annotations.ts";
import { failureIn } from "./errors.ts";
import { readFinish } from "./finish.ts";
import { ReasoningDeltas } from "./reasoning-deltas.ts";
import { ToolDeltas } from "./tool-deltas.ts";
import { findUsage } from "./usage.ts";

export function readStream(): StreamReader {
  return sseReader(new ChatProtocol());
}

/**
 * Chunks of Chat Completions → events; a whole body is one big chunk. Of several choices only the first is read. The finish
 * is told at the end, since servers send usage, and some of them content, after it.
 */
export class ChatProtocol implements StreamProtocol {
  readonly idle = /(?<="obfuscation":\s*)"[^"\\]*"/g;
  #id = "";
  #model = "";
  #started = false;
  #usage: Usage | undefined;
  #finish: string | undefined;
  /** Perplexity's list of URLs beside the choices, repeated and growing in each chunk. */
  #sources: Json[] = [];
  #cited = false;
  readonly #blocks = new ImplicitBlocks();
  readonly #tools = new ToolDeltas(this.#blocks);
  readonly #reasoning = new ReasoningDeltas(this.#blocks);

  frame(name: string, value: JsonObject, out: ChatEvent[]): void {
    const choice = choiceOf(value);
    this.#note(value);
    if (Array.isArray(value["citations"])) this.#sources = value["citations"];
    const usage = findUsage(value, choice);
    if (usage) this.#takeUsage(usage, out);
    const failure = failureIn(value, name) ?? (choice && failedChoice(choice));
    if (failure) return this.#fail(failure, out);
    if (!choice) return;
    this.#start(out);
    const delta = asObject(choice["delta"]) ?? asObject(choice["message"]);
    if (delta) this.#delta(delta, choice["logprobs"], out);
    if (typeof choice["text"] === "string") this.#blocks.text(choice["text"], out); // the legacy endpoint
    // `""` on every chunk is no finish.
    const finish = asString(choice["finish_reason"]);
    if (finish) this.#finish = finish;
  }

  repeats(value: JsonObject, { type, text }: Delta): (() => void) | undefined {
    const choice = choiceOf(value);
    const delta = asObject(choice?.["delta"]) ?? asObject(choice?.["message"]) ?? {};
    // They gather without a word.
    if (objectsOf(delta["reasoning_details"]).length > 0 || asObject(delta["function_call"])) return undefined;
    const calls = objectsOf(delta["tool_calls"]);
    const said = type === "text-delta" ? (delta["content"] ?? choice?.["text"]) : plainReasoning(delta);
    const isSame = type === "arguments-delta" ? isArguments(calls, text) : calls.length === 0 && said === text;
    return isSame ? NOTHING_MORE : undefined;
  }

  done(out: ChatEvent[]): void {
    if (!this.#started) return this.#fail({ kind: "cut", message: "the provider's answer was empty" }, out);
    const native = this.#finish ?? "stop";
    this.#cite(out);
    this.#tools.end();
    this.#blocks.finish(readFinish(native), native, out);
    out.push({ type: "end" });
  }

  eof(out: ChatEvent[]): void {
    if (this.#finish !== undefined) return this.done(out);
    this.#fail({ kind: "cut", message: "the provider's stream ended without a finish reason" }, out);
  }

  /** Azure's first chunk has an empty id and model, and no choices. */
  #note(value: JsonObject): void {
    if (this.#id === "") this.#id = asString(value["id"]) ?? "";
    if (this.#model === "") this.#model = asString(value["model"]) ?? "";
  }

  #start(out: ChatEvent[]): void {
    if (this.#started) return;
    this.#started = true;
    const usage = this.#usage;
    out.push({ type: "start", id: this.#id, model: this.#model, ...(usage && { usage }) });
  }

  #takeUsage(usage: Usage, out: ChatEvent[]): void {
    this.#usage = usage;
    if (this.#started) out.push({ type: "usage", usage });
  }

  #fail(failure: Failure, out: ChatEvent[]): void {
    this.#start(out);
    out.push({ type: "error", failure });
  }

  #delta(delta: JsonObject, logprobs: Json | undefined, out: ChatEvent[]): void {
    this.#reasoning.take(delta, out);
    this.#content(delta["content"], logprobs, out);
    const refusal = asString(delta["refusal"]);
    if (refusal) this.#blocks.refusal(refusal, out);
    if (delta["annotations"]) this.#annotations(delta["annotations"], out);
    for (const call of objectsOf(delta["tool_calls"])) this.#tools.take(call, this.#id, out);
    const state = thoughtSignature(delta);
    if (state) this.#blocks.reasoningState(state, out);
    const legacy = asObject(delta["function_call"]);
    if (legacy) this.#tools.take({ index: -1, function: legacy }, this.#id, out);
  }

  /** A string; from Mistral's reasoning models a list of `text` and `thinking` parts. */
  #content(content: Json | undefined, logprobs: Json | undefined, out: ChatEvent[]): void {
    if (typeof content === "string")
      return this.#blocks.text(content, out, readLogprobs(asObject(logprobs)?.["content"]));
    for (const part of objectsOf(content)) {
      if (part["type"] === "text") this.#blocks.text(asString(part["text"]) ?? "", out);
      else if (part["type"] === "thinking") {
        for (const thought of objectsOf(part["thinking"])) this.#blocks.reasoning(asString(thought["text"]) ?? "", out);
      }
    }
  }

  #cite(out: ChatEvent[]): void {
    if (this.#cited) return;
    for (const url of this.#sources) {
      if (typeof url === "string")
        out.push({ type: "citation", index: this.#blocks.textIndex(out), citation: { url } });
    }
  }

  #annotations(value: Json, out: ChatEvent[]): void {
    this.#cited = true;
    for (const citation of readAnnotations(value)) {
      out.push({ type: "citation", index: this.#blocks.textIndex(out), citation });
    }
  }
}

function choiceOf(value: JsonObject): JsonObject | undefined {
  return objectsOf(value["choices"]).find((candidate) => (asNumber(candidate["index"]) ?? 0) === 0);
}

/** Of one call, which has no signature to be kept for its end. */
function isArguments([call, another]: readonly JsonObject[], text: string): boolean {
  if (!call || another || thoughtSignature(call)) return false;
  const inner = asObject(call["function"]) ?? asObject(call["custom"]);
  return (inner?.["arguments"] ?? inner?.["input"]) === text;
}

/** OpenRouter ends a broken answer by a choice that finishes with `error`. */
function failedChoice(choice: JsonObject): Failure | undefined {
  if (choice["finish_reason"] !== "error" && !isObject(choice["error"])) return undefined;
  return failureIn(choice, "error");
}
