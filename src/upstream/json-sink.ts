import type { Failure } from "../core/failure.ts";
import { type Json, tryParseJson } from "../core/json.ts";
import type { Headers } from "../wire/format.ts";
import type { AnswerSink } from "./transport.ts";

const MAX_JSON_BYTES = 64 * 1024 * 1024;

export interface JsonAnswer {
  status: number;
  headers: Headers;
  /** Undefined when the answer was not JSON. */
  body: Json | undefined;
}

/** Gathers a JSON answer. One that is too large is a failure as soon as it is: the call has to be aborted then. */
export class JsonSink implements AnswerSink {
  #status = 0;
  #headers: Headers = {};
  #bytes = 0;
  readonly #chunks: Buffer[] = [];
  readonly #onBody: (answer: JsonAnswer) => void;
  readonly #onError: (failure: Failure) => void;

  constructor(onBody: (answer: JsonAnswer) => void, onError: (failure: Failure) => void) {
    this.#onBody = onBody;
    this.#onError = onError;
  }

  onHead(status: number, headers: Headers): void {
    this.#status = status;
    this.#headers = headers;
  }

  onData(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes <= MAX_JSON_BYTES) this.#chunks.push(chunk);
    else this.#onError({ kind: "malformed", message: `the answer is larger than ${MAX_JSON_BYTES} bytes` });
    return true;
  }

  onEnd(): void {
    const body = tryParseJson(Buffer.concat(this.#chunks).toString("utf8"));
    this.#onBody({ status: this.#status, headers: this.#headers, body });
  }

  onFailure(failure: Failure): void {
    this.#onError(failure);
  }
}
