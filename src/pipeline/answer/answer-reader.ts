import type { Clock } from "../../core/clock.ts";
import type { ChatEvent } from "../../core/event.ts";
import type { Failure } from "../../core/failure.ts";
import { type Json, tryParseJson } from "../../core/json.ts";
import { shapeFault } from "../../core/json-shape.ts";
import { type Provider, repeatsKey, withoutKeys } from "../../upstream/provider.ts";
import type { AnswerSink, UpstreamCall } from "../../upstream/transport.ts";
import type { Headers, ProviderHalf, StreamReader } from "../../wire/format.ts";
import type { Prepared } from "../attempts/prepare.ts";
import { retryAfterOf } from "./retry-after.ts";

const MAX_WHOLE_BYTES = 64 * 1024 * 1024;
const MAX_ERROR_BYTES = 1024 * 1024;
const EXCERPT_CHARS = 2048;
const LF = 0x0a;

/** An error answer as it came, for clients of the same dialect. */
export interface RawError {
  status: number;
  headers: Headers;
  body: Buffer;
}

/** Hears an answer as events. `events` and `whole` may carry `error`; after a terminal event nothing more is said. */
export interface AnswerReceiver {
  /** It sends on what it hears, and does not hold it: a stream may be of any length. */
  readonly live: boolean;
  /** Of the events only what they add up to matters. Absent: each does. */
  readonly sums?: boolean;
  head(headers: Headers): void;
  /** A step of a streamed answer, with the bytes it came in; none for what the reader concluded itself. */
  events(events: readonly ChatEvent[], bytes: Buffer | undefined): void;
  /** A whole answer, with its body. */
  whole(events: readonly ChatEvent[], body: Buffer): void;
  /** No answer. `raw` when the provider said why in its own words. */
  failed(failure: Failure, raw: RawError | undefined): void;
  /** The receiver itself threw: a bug of ours, not the provider's. */
  crashed(error: unknown): void;
}

/** Turns what comes over the connection into events by the provider's half, whichever way the provider chose to answer. */
export class AnswerReader implements AnswerSink {
  /** Set right after sending: the reader stops a call whose bytes make no sense. */
  call: UpstreamCall | undefined;
  readonly #provider: Provider;
  readonly #half: ProviderHalf;
  readonly #renamed: ReadonlyMap<string, string>;
  readonly #streamAsked: boolean;
  readonly #receiver: AnswerReceiver;
  readonly #clock: Clock;
  #status = 0;
  #headers: Headers = {};
  #stream: StreamReader | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #over = false;

  constructor(provider: Provider, prepared: Prepared, streamAsked: boolean, receiver: AnswerReceiver, clock: Clock) {
    this.#provider = provider;
    this.#half = prepared.half;
    this.#renamed = prepared.renamedTools;
    this.#streamAsked = streamAsked;
    this.#receiver = receiver;
    this.#clock = clock;
  }

  onHead(status: number, headers: Headers): void {
    this.#status = status;
    this.#headers = headers;
    if (status < 200 || status >= 300) return;
    this.#tell(() => this.#receiver.head(headers));
    if (!this.#isStream(headers)) return;
    this.#stream = this.#half.readStream();
    this.#stream.gathers = this.#receiver.sums === true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#over) return false;
    this.#bytes += chunk.length;
    const isAnswer = this.#status < 300;
    const limit = isAnswer ? MAX_WHOLE_BYTES : MAX_ERROR_BYTES;
    // A stream goes on as it comes; only one that has to be gathered first has a limit.
    if (this.#bytes > limit && !(this.#stream && this.#receiver.live)) {
      this.call?.abort();
      if (isAnswer)
        this.onFailure({ kind: "malformed", message: `the answer is larger than ${MAX_WHOLE_BYTES} bytes` });
      else this.onEnd();
      return true;
    }
    if (this.#stream) return this.#read(this.#stream, chunk);
    this.#chunks.push(chunk);
    return !isBlank(chunk);
  }

  onEnd(): void {
    if (this.#over) return;
    if (this.#stream) return this.#endStream(this.#stream);
    const body = this.#chunks.length === 1 && this.#chunks[0] ? this.#chunks[0] : Buffer.concat(this.#chunks);
    if (this.#status >= 400) return this.#readError(body);
    if (this.#status >= 300) {
      return this.#fail({
        // It would redirect again.
        kind: "malformed",
        message: `the provider redirects (HTTP ${this.#status}); redirects are never followed: correct its base_url`,
        upstreamStatus: this.#status,
      });
    }
    this.#readWhole(body);
  }

  onFailure(failure: Failure): void {
    if (this.#over) return;
    if (this.#stream) this.#step([{ type: "error", failure }], undefined);
    else this.#fail(failure);
  }

  #isStream(headers: Headers): boolean {
    const type = headers["content-type"];
    if (typeof type !== "string") return this.#streamAsked;
    if (type.includes("event-stream") || type.includes("ndjson")) return true;
    // A page for people, from something in between, is no stream that was cut.
    return this.#streamAsked && !type.includes("application/json") && !type.includes("text/html");
  }

  #read(stream: StreamReader, chunk: Buffer): boolean {
    const events: ChatEvent[] = [];
    let moved: boolean;
    try {
      moved = stream.push(chunk, events);
    } catch (error) {
      this.call?.abort();
      if (events.length > 0) this.#step(events, framesBefore(stream.unread, chunk));
      if (!this.#over) this.#step([{ type: "error", failure: malformed(error) }], undefined);
      return true;
    }
    this.#step(events, chunk);
    return moved;
  }

  #endStream(stream: StreamReader): void {
    const events: ChatEvent[] = [];
    try {
      stream.end(events);
    } catch (error) {
      events.push({ type: "error", failure: malformed(error) });
    }
    this.#step(events, undefined);
  }

  #step(events: readonly ChatEvent[], bytes: Buffer | undefined): void {
    if (this.#renamed.size > 0) nameBack(events, this.#renamed);
    const last = events.at(-1);
    if (last?.type === "error") return this.#lastStep(events, last.failure, bytes);
    if (last?.type !== "end") return this.#tellEvents(events, bytes);
    this.#over = true;
    this.#tellEvents(events, bytes);
    this.call?.finish();
  }

  /** An error event that repeats our key goes on in the router's words, not in the provider's bytes. */
  #lastStep(events: readonly ChatEvent[], failure: Failure, bytes: Buffer | undefined): void {
    this.#over = true;
    this.#clean(failure);
    this.#tellEvents(events, bytes && repeatsKey(this.#provider, bytes) ? undefined : bytes);
  }

  /** As `#tell`, without a closure for each piece of a stream. */
  #tellEvents(events: readonly ChatEvent[], bytes: Buffer | undefined): void {
    try {
      this.#receiver.events(events, bytes);
    } catch (error) {
      this.#crash(error);
    }
  }

  /** What the receiver throws must not look like a broken connection, nor come out of a timer. */
  #tell(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#crash(error);
    }
  }

  #crash(error: unknown): void {
    this.#over = true;
    this.call?.abort();
    this.#receiver.crashed(error);
  }

  #readWhole(body: Buffer): void {
    const text = body.toString("utf8");
    const json: Json | undefined = tryParseJson(text);
    if (json === undefined) {
      return this.#fail({
        kind: "malformed",
        message: `the answer ${shapeFault(text) ?? "is not JSON"}: ${excerpt(text)}`,
        upstreamStatus: this.#status,
      });
    }
    let events: ChatEvent[];
    try {
      events = this.#half.readResponse(json);
    } catch (error) {
      return this.#fail({ ...malformed(error), upstreamStatus: this.#status });
    }
    this.#over = true;
    if (this.#renamed.size > 0) nameBack(events, this.#renamed);
    const last = events.at(-1);
    if (last?.type === "error") this.#clean(last.failure);
    this.#tell(() => this.#receiver.whole(events, body));
  }

  #readError(body: Buffer): void {
    const text = body.toString("utf8", 0, EXCERPT_CHARS);
    const headers = this.#headers;
    this.#over = true;
    this.#tell(() => {
      const failure = this.#half.readError(this.#status, tryParseJson(body.toString("utf8")), text);
      const retryAfter = retryAfterOf(headers, this.#clock.wallMs());
      if (retryAfter !== undefined) failure.retryAfter = retryAfter;
      this.#clean(failure);
      const isWhole = this.#bytes <= MAX_ERROR_BYTES;
      const raw = isWhole && !repeatsKey(this.#provider, body) ? { status: this.#status, headers, body } : undefined;
      this.#receiver.failed(failure, raw);
    });
  }

  #fail(failure: Failure): void {
    this.#over = true;
    this.#clean(failure);
    this.#tell(() => this.#receiver.failed(failure, undefined));
  }

  /** What a provider says, in its code too, goes on without our key. */
  #clean(failure: Failure): void {
    failure.message = withoutKeys(this.#provider, failure.message);
    if (failure.code !== undefined) failure.code = withoutKeys(this.#provider, failure.code);
  }
}

/** Some keep the connection busy with blank lines until they have a whole answer (DeepSeek). */
function isBlank(chunk: Buffer): boolean {
  return (chunk[0] ?? 0) <= 0x20 && chunk.toString("latin1").trim() === "";
}

/** Calls of tools whose names had to be changed get the names the client knows. */
function nameBack(events: readonly ChatEvent[], renamed: ReadonlyMap<string, string>): void {
  for (const event of events) {
    if (event.type !== "block-start" || event.block.type !== "tool-call") continue;
    event.block.name = renamed.get(event.block.name) ?? event.block.name;
  }
}

function malformed(error: unknown): Failure {
  return { kind: "malformed", message: error instanceof Error ? error.message : String(error) };
}

function excerpt(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}

/** What of a piece of a stream is in front of the frame with this text; nothing where it began in a piece before. */
function framesBefore(text: string | undefined, piece: Buffer): Buffer {
  const at = text === undefined ? -1 : piece.indexOf(text);
  if (at === -1) return piece.subarray(0, 0);
  if (piece[at - 1] === LF) return piece.subarray(0, at);
  const end = Math.max(piece.lastIndexOf("\n\n", at) + 2, piece.lastIndexOf("\n\r\n", at) + 3);
  return piece.subarray(0, end > 3 ? end : 0);
}
