import type { Failure } from "../../core/failure.ts";
import { setOwn } from "../../core/json.ts";
import type { AnswerSink } from "../../upstream/transport.ts";
import type { Headers } from "../../wire/format.ts";
import type { RawAnswer } from "./raw-body.ts";

/** Hands an answer on, and keeps what it says. */
export class TappedSink implements AnswerSink {
  readonly #sink: AnswerSink;
  readonly #answer: RawAnswer;

  constructor(sink: AnswerSink, answer: RawAnswer) {
    this.#sink = sink;
    this.#answer = answer;
  }

  onHead(status: number, headers: Headers): void {
    this.#answer.status = status;
    for (const name in headers) setOwn(this.#answer.headers, name, String(headers[name]));
    this.#sink.onHead(status, headers);
  }

  onData(chunk: Buffer): boolean {
    this.#answer.body.add(chunk);
    return this.#sink.onData(chunk);
  }

  onEnd(): void {
    this.#sink.onEnd();
  }

  onFailure(failure: Failure): void {
    this.#sink.onFailure(failure);
  }
}
