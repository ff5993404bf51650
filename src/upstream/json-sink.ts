import type { Failure } from "../core/failure.ts";
import { type Json, tryParseJson } from "../core/json.ts";
import type { AnswerSink } from "./transport.ts";

const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** Gathers a JSON answer. One that is too large is a failure as soon as it is: the call has to be aborted then. */
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

  onData(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes <= MAX_JSON_BYTES) this.#chunks.push(chunk);
    else this.#onError({ kind: "malformed", message: `the answer is larger than ${MAX_JSON_BYTES} bytes` });
    return true;
  }

  onEnd(): void {
    this.#onBody(this.#status, tryParseJson(Buffer.concat(this.#chunks).toString("utf8")));
  }

  onFailure(failure: Failure): void {
    this.#onError(failure);
  }
}
