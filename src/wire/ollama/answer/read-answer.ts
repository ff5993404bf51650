import type { ChatEvent, FinishReason } from "../../../core/event.ts";
import { asArray, asBoolean, asObject, asString, type JsonObject, objectsOf } from "../../../core/json.ts";
import type { TokenLogprob } from "../../../core/part.ts";
import { reportedUsage, tokenCount } from "../../../core/usage.ts";
import { ImplicitBlocks } from "../../blocks.ts";
import { type Delta, NOTHING_MORE, type StreamProtocol } from "../../bytes/stream.ts";
import { readLogprobs } from "../../logprobs.ts";
import { callName } from "../../tools/call-name.ts";
import { callIdFor } from "../../tools/ids.ts";
import { errorInBody } from "../errors.ts";
import { argumentsText } from "../request/read-messages.ts";

/** An answer of `/api/chat` or `/api/generate`, line by line; a whole body is a stream of one line. */
export class OllamaAnswer implements StreamProtocol {
  readonly idle = /(?<="created_at":\s*)"[^"\\]*"/g;
  readonly #blocks = new ImplicitBlocks();
  #started = false;
  #calls = 0;

  frame(_name: string, line: JsonObject, out: ChatEvent[]): void {
    const failure = errorInBody(line);
    if (failure) {
      out.push({ type: "error", failure });
      return;
    }
    const message = asObject(line["message"]);
    if (!message && asString(line["response"]) === undefined && asBoolean(line["done"]) === undefined)
      throw new Error(`not an answer of Ollama: ${JSON.stringify(line).slice(0, 200)}`);
    this.#start(line, out);
    if (message) this.#message(message, line, out);
    else this.#generated(line, out);
    if (line["done"] === true) this.#done(line, out);
  }

  repeats(line: JsonObject, { type, text }: Delta): (() => void) | undefined {
    const message = asObject(line["message"]);
    const said =
      type === "text-delta" ? (message ? message["content"] : line["response"]) : (message ?? line)["thinking"];
    return said === text ? NOTHING_MORE : undefined;
  }

  done(): void {
    // `[DONE]` is not of this dialect, and no NDJSON reader gives it out.
  }

  eof(out: ChatEvent[]): void {
    out.push({
      type: "error",
      failure: { kind: "cut", message: "the stream ended before the line that says done" },
    });
  }

  #start(line: JsonObject, out: ChatEvent[]): void {
    if (this.#started) return;
    this.#started = true;
    out.push({ type: "start", id: "", model: asString(line["model"]) ?? "" });
  }

  #message(message: JsonObject, line: JsonObject, out: ChatEvent[]): void {
    this.#said(asString(message["thinking"]) ?? "", asString(message["content"]) ?? "", line, out);
    for (const call of objectsOf(message["tool_calls"])) this.#call(call, asString(line["created_at"]) ?? "", out);
    if (asArray(message["images"])?.length) this.#images(message, out);
  }

  #said(thinking: string, text: string, line: JsonObject, out: ChatEvent[]): void {
    this.#blocks.reasoning(thinking, out);
    if (text === "") return;
    const tokens = readLogprobs(line["logprobs"]);
    this.#blocks.text(text, out, tokens && thinking !== "" ? tokensOf(text, tokens) : tokens);
  }

  /** `/api/generate` has the same under other names. */
  #generated(line: JsonObject, out: ChatEvent[]): void {
    this.#said(asString(line["thinking"]) ?? "", asString(line["response"]) ?? "", line, out);
    for (const call of objectsOf(line["tool_calls"])) this.#call(call, asString(line["created_at"]) ?? "", out);
  }

  /** Calls come whole. The time is part of an id we make, so that the same call in the next turn gets another one. */
  #call(call: JsonObject, createdAt: string, out: ChatEvent[]): void {
    const fn = asObject(call["function"]) ?? {};
    const name = callName(asString(fn["name"]));
    const text = argumentsText(fn["arguments"]);
    const key = this.#calls++;
    const id = asString(call["id"]) || callIdFor(key, name, `${createdAt}${text}`);
    this.#blocks.openTool(key, { type: "tool-call", id, name, kind: "function" }, out);
    this.#blocks.toolArguments(key, text, out);
    this.#blocks.closeTool(key, out);
  }

  #images(message: JsonObject, out: ChatEvent[]): void {
    const index = this.#blocks.opaqueIndex(out);
    out.push({
      type: "opaque",
      index,
      part: { type: "opaque", dialect: "ollama", what: "images", value: message["images"] ?? null },
    });
  }

  #done(line: JsonObject, out: ChatEvent[]): void {
    const native = asString(line["done_reason"]) ?? "";
    this.#blocks.finish(reasonOf(native), native, out);
    const input = tokenCount(line["prompt_eval_count"]);
    // Old servers leave the count out when the whole prompt was cached: then nobody knows it, and it is not 0.
    if (input !== undefined) {
      const usage = reportedUsage({
        input,
        output: tokenCount(line["eval_count"]) ?? 0,
        cachedRead: tokenCount(line["prompt_eval_cached_count"]) ?? 0,
      });
      out.push({ type: "usage", usage });
    }
    out.push({ type: "end" });
  }
}

/** A whole answer's tokens are one list: the thoughts' come before those of the text. */
function tokensOf(text: string, tokens: TokenLogprob[]): TokenLogprob[] {
  let from = tokens.length;
  for (let length = 0; from > 0 && length < text.length; from--) length += tokens[from - 1]?.token.length ?? 0;
  return tokens.slice(from);
}

function reasonOf(native: string): FinishReason {
  switch (native) {
    case "":
    case "stop":
    case "load":
    case "unload":
      return "stop";
    case "length":
      return "length";
    default:
      return "other";
  }
}
