import type { ChatEvent, FinishReason } from "../../../core/event.ts";
import type { Failure } from "../../../core/failure.ts";
import { asNumber, asObject, asString, type JsonObject, objectsOf } from "../../../core/json.ts";
import type { TokenLogprob } from "../../../core/part.ts";
import type { Usage } from "../../../core/usage.ts";
import { ImplicitBlocks } from "../../blocks.ts";
import { type StreamProtocol, sseReader } from "../../bytes/stream.ts";
import type { StreamReader } from "../../format.ts";
import { signatureState } from "../thought-signature.ts";
import { failureOfError } from "./failure.ts";
import { failureOfFinish, readFinish } from "./finish-reason.ts";
import { readLogprobs } from "./logprobs.ts";
import { partKind } from "./part-kind.ts";
import { CallReader } from "./read-calls.ts";
import { SourceReader } from "./read-sources.ts";
import { readUsage } from "./usage.ts";

export function readStream(): StreamReader {
  return sseReader(new GenerateProtocol());
}

/**
 * Chunks of generateContent → events; a whole body is one big chunk. Of several candidates only the first is read. How the
 * answer ended is told at the end, since usage and sources may come after the finish reason.
 */
export class GenerateProtocol implements StreamProtocol {
  #id = "";
  #model = "";
  #started = false;
  #usage: Usage | undefined;
  #finish: { native: string; message: string | undefined } | undefined;
  /** Why the prompt was refused, when there is no candidate at all. */
  #blocked: { native: string; message: string | undefined } | undefined;
  /** Of the text block now open; its sources point into it. */
  #text = "";
  /** Came with text: told when the text is over, so that its sources come before it. */
  #signature: string | undefined;
  /** Of the chunk now read, until its text is told. */
  #tokens: TokenLogprob[] | undefined;
  readonly #blocks = new ImplicitBlocks();
  readonly #calls = new CallReader(this.#blocks);
  readonly #sources = new SourceReader();

  frame(_name: string, value: JsonObject, out: ChatEvent[]): void {
    this.#id ||= asString(value["responseId"]) ?? "";
    this.#model ||= asString(value["modelVersion"]) ?? "";
    this.#usage = readUsage(value["usageMetadata"]) ?? this.#usage;
    const error = asObject(value["error"]);
    if (error) return this.#fail(failureOfError(error), out);
    this.#feedback(asObject(value["promptFeedback"]));
    const candidate = objectsOf(value["candidates"]).find(({ index }) => (asNumber(index) ?? 0) === 0);
    if (candidate) this.#candidate(candidate, out);
  }

  /** No such thing in this API; a proxy's `[DONE]` is no better an end than the end of the bytes. */
  done(out: ChatEvent[]): void {
    this.eof(out);
  }

  eof(out: ChatEvent[]): void {
    if (this.#finish) return this.#settle(this.#finish.native, this.#finish.message, out);
    if (this.#blocked) return this.#close("refusal", this.#blocked.native, this.#blocked.message, out);
    this.#fail({ kind: "cut", message: "the provider's answer ended without a finish reason" }, out);
  }

  /** The end of a whole body, which is complete even when it does not say so. */
  whole(out: ChatEvent[]): void {
    if (this.#started && !this.#finish) this.#finish = { native: "STOP", message: undefined };
    this.eof(out);
  }

  #feedback(feedback: JsonObject | undefined): void {
    const native = asString(feedback?.["blockReason"]);
    if (native !== undefined) this.#blocked ??= { native, message: asString(feedback?.["blockReasonMessage"]) };
  }

  #start(out: ChatEvent[]): void {
    if (this.#started) return;
    this.#started = true;
    const usage = this.#usage;
    out.push({ type: "start", id: this.#id, model: this.#model, ...(usage && { usage }) });
  }

  #candidate(candidate: JsonObject, out: ChatEvent[]): void {
    this.#start(out);
    this.#tokens = readLogprobs(candidate);
    for (const part of objectsOf(asObject(candidate["content"])?.["parts"])) this.#part(part, out);
    // Some come after the text they are of.
    if (this.#tokens && this.#text !== "") this.#blocks.text("", out, this.#tokens);
    this.#sources.note(candidate);
    const native = asString(candidate["finishReason"]);
    // `""` and the unspecified value on every chunk are no finish.
    if (native && native !== "FINISH_REASON_UNSPECIFIED")
      this.#finish = { native, message: asString(candidate["finishMessage"]) };
  }

  #part(part: JsonObject, out: ChatEvent[]): void {
    const signature = asString(part["thoughtSignature"]) || undefined;
    const call = asObject(part["functionCall"]);
    const text = asString(part["text"]);
    if (text !== undefined && part["thought"] !== true) return this.#takeText(text, signature, out);
    this.#endText(out);
    if (text !== undefined) this.#thought(text, signature, out);
    else if (call)
      this.#calls.take(call, signature === undefined ? undefined : signatureState(signature), this.#id, out);
    else this.#opaque(part, out);
  }

  #takeText(text: string, signature: string | undefined, out: ChatEvent[]): void {
    if (text !== "") {
      if (this.#signature !== undefined) this.#endText(out);
      this.#text += text;
      this.#blocks.text(text, out, this.#tokens);
      this.#tokens = undefined;
    }
    this.#signature = signature ?? this.#signature;
  }

  #endText(out: ChatEvent[]): void {
    this.#text = "";
    if (this.#signature !== undefined) this.#blocks.reasoningState(signatureState(this.#signature), out);
    this.#signature = undefined;
  }

  #thought(text: string, signature: string | undefined, out: ChatEvent[]): void {
    this.#blocks.reasoning(text, out);
    if (signature !== undefined) this.#blocks.reasoningState(signatureState(signature), out);
  }

  /** Code it ran, media it made: kept whole, with the signature that may be on it. */
  #opaque(part: JsonObject, out: ChatEvent[]): void {
    const what = partKind(part) ?? Object.keys(part).find((key) => key !== "thoughtSignature" && key !== "thought");
    if (what === undefined) return;
    const index = this.#blocks.opaqueIndex(out);
    out.push({ type: "opaque", index, part: { type: "opaque", dialect: "gemini", what, value: part } });
  }

  #settle(native: string, message: string | undefined, out: ChatEvent[]): void {
    const failure = failureOfFinish(native, message);
    if (failure) return this.#fail(failure, out);
    this.#calls.close(out);
    this.#writeSources(out);
    this.#close(readFinish(native), native, message, out);
  }

  #writeSources(out: ChatEvent[]): void {
    for (const citation of this.#sources.citations(this.#text))
      out.push({ type: "citation", index: this.#blocks.textIndex(out), citation });
    this.#endText(out);
    for (const part of this.#sources.parts(this.#id))
      out.push({ type: "opaque", index: this.#blocks.opaqueIndex(out), part });
  }

  #close(reason: FinishReason, native: string, message: string | undefined, out: ChatEvent[]): void {
    this.#start(out);
    const why = { category: native.toLowerCase(), ...(message !== undefined && { explanation: message }) };
    this.#blocks.finish(reason, native, out, reason === "refusal" ? why : undefined);
    if (this.#usage) out.push({ type: "usage", usage: this.#usage });
    out.push({ type: "end" });
  }

  #fail(failure: Failure, out: ChatEvent[]): void {
    this.#start(out);
    if (this.#usage) out.push({ type: "usage", usage: this.#usage });
    out.push({ type: "error", failure });
  }
}
