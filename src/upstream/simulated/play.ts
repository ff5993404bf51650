import type { Clock, Timer } from "../../core/clock.ts";
import type { Headers } from "../../wire/format.ts";
import type { AnswerSink, CallTiming, UpstreamCall } from "../transport.ts";

/** Bytes and when they are due; what `play` needs of any answer. */
export interface Recording {
  status: number;
  headers: Headers;
  pieces: readonly { dueMs: number; text: string }[];
}

/** Larger writes than this only cost memory. */
const BATCH_CHARS = 16 * 1024;

/**
 * Plays a recording into a sink. Pieces due by the time a timer fires go out together, so that 5,000 tokens/s are 1,000
 * timers/s at most; with nothing to wait for there is no timer at all. Never calls the sink before it has returned.
 */
export function play(recording: Recording, sink: AnswerSink, clock: Clock): UpstreamCall {
  const player = new Player(recording, sink, clock);
  queueMicrotask(() => player.advance());
  return player;
}

class Player implements UpstreamCall {
  readonly timing: CallTiming = {};
  readonly #recording: Recording;
  readonly #sink: AnswerSink;
  readonly #clock: Clock;
  readonly #startedMs: number;
  #next = 0;
  #begun = false;
  #paused = false;
  #over = false;
  #timer: Timer | undefined;

  constructor(recording: Recording, sink: AnswerSink, clock: Clock) {
    this.#recording = recording;
    this.#sink = sink;
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
  }

  advance(): void {
    this.#timer = undefined;
    while (!this.#over && !this.#paused) {
      const piece = this.#recording.pieces[this.#next];
      const waitMs = piece === undefined ? 0 : piece.dueMs - (this.#clock.nowMs() - this.#startedMs);
      if (waitMs > 0) {
        this.#timer = this.#clock.after(waitMs, () => this.advance());
        return;
      }
      if (!this.#begun) {
        this.#begun = true;
        this.timing.headMs = this.#clock.nowMs() - this.#startedMs;
        this.#sink.onHead(this.#recording.status, this.#recording.headers);
      } else if (piece === undefined) {
        this.#over = true;
        this.#sink.onEnd();
      } else {
        this.#sink.onData(Buffer.from(this.#takeDue()));
      }
    }
  }

  abort(): void {
    this.#over = true;
    this.#timer?.cancel();
  }

  finish(): void {
    this.abort();
  }

  pause(): void {
    this.#paused = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    queueMicrotask(() => {
      if (this.#timer === undefined) this.advance();
    });
  }

  #takeDue(): string {
    const { pieces } = this.#recording;
    const elapsed = this.#clock.nowMs() - this.#startedMs;
    let text = "";
    for (let piece = pieces[this.#next]; piece !== undefined; piece = pieces[this.#next]) {
      if (text.length > BATCH_CHARS || (text !== "" && piece.dueMs > elapsed)) break;
      text += piece.text;
      this.#next++;
    }
    return text;
  }
}
