import type { Failure } from "../core/failure.ts";
import { type Json, tryParseJson } from "../core/json.ts";
import type { AnswerSink } from "./transport.ts";

const MAX_JSON_BYTES = 16 * 1024 * 1024;

/** Gathers a small JSON answer. */
export class JsonSink implements AnswerSink {
  #status = 0;
  #bytes = 0;
  readonly #chunks: Buffer[] = [];
  readonly #onBody: (status: number, body: Json | undefined) => void;
  readonly #onError: (failure: Failure) => void;

  constructor(onBody: (status: number, body: Json | undefined) => void, onError: (failure: Failure) => void) {
    this.#onBody = onBody;
    this.#onError = onError;
  }

  onHead(status: number): void {
    this.#status = status;
  }

  onData(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= MAX_JSON_BYTES) this.#chunks.push(chunk);
  }

  onEnd(): void {
    if (this.#bytes > MAX_JSON_BYTES) this.#onError({ kind: "malformed", message: "the answer is too large" });
    else this.#onBody(this.#status, tryParseJson(Buffer.concat(this.#chunks).toString("utf8")));
  }

  onFailure(failure: Failure): void {
    this.#onError(failure);
  }
}
