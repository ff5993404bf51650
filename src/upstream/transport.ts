import type { Failure } from "../core/failure.ts";
import type { Headers } from "../wire/format.ts";

export interface UpstreamRequest {
  method: "GET" | "POST" | "DELETE";
  /** Behind the provider's base path. */
  path: string;
  /** Besides the provider's own. */
  headers: Readonly<Record<string, string>>;
  body?: string | Buffer;
  /** What is left of the exchange's time, when that is less than the provider's `timeout.total_ms`. */
  totalMs?: number;
}

/** Hears an answer: one head, any number of pieces, then exactly one of `onEnd` and `onFailure` (which may also come first). */
export interface AnswerSink {
  onHead(status: number, headers: Headers): void;
  /** False when it was nothing but a sign of life, which the idle timer does not count. */
  onData(chunk: Buffer): boolean;
  onEnd(): void;
  onFailure(failure: Failure): void;
}

/** Milliseconds since the call began; absent: it did not come to that. */
export interface CallTiming {
  /** Until the connection stood that was made for it; absent too when there was one already. */
  connectMs?: number;
  /** Until the head of the answer was there. */
  headMs?: number;
}

/** A request under way. After `abort` the sink hears nothing more, and the connection is closed. */
export interface UpstreamCall {
  /** How it went so far. */
  readonly timing: CallTiming;
  abort(): void;
  /** The answer was complete before its body ended: the sink hears nothing more, the connection stays if the end comes soon. */
  finish(): void;
  /** Back-pressure: stop and go on reading. */
  pause(): void;
  resume(): void;
}
