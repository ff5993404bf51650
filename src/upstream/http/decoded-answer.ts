import type { Transform } from "node:stream";
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from "node:zlib";
import type { Failure } from "../../core/failure.ts";
import { codeOf } from "./failure-of.ts";

/** Text does not shrink to a 250th; what inflates to more is made to fill our memory. */
const MAX_RATIO = 250;
const FREE_BYTES = 1024 * 1024;
/** The largest window HTTP allows (RFC 9659): 8 MB. */
const ZSTD_OPTIONS = { params: { [constants.ZSTD_d_windowLogMax]: 23 } };

export type Encoding = "gzip" | "deflate" | "br" | "zstd";

/** Of a `content-encoding`; undefined: none, null: one we do not take, which several at once are as well. */
export function encodingOf(header: string): Encoding | undefined | null {
  switch (header.trim().toLowerCase()) {
    case "":
    case "identity":
      return undefined;
    case "gzip":
    case "x-gzip":
      return "gzip";
    case "deflate":
      return "deflate";
    case "br":
      return "br";
    case "zstd":
      return "zstd";
    default:
      return null;
  }
}

/** What the decoder asks of the call it belongs to. */
export interface DecodedCall {
  /** It has enough for now. */
  hold(): void;
  release(): void;
  decodedData(piece: Buffer): void;
  decodedEnd(): void;
  /** The bytes make no sense: the call ends. */
  broken(failure: Failure): void;
}

/**
 * Decompresses an answer. `end` without the end of the compressed data is a failure: Node's own `fetch` takes it for a clean
 * end.
 */
export class DecodedAnswer {
  readonly #encoding: Encoding;
  readonly #call: DecodedCall;
  #decoder: Transform | undefined;
  #bytesIn = 0;
  #bytesOut = 0;
  #paused = false;

  constructor(encoding: Encoding, call: DecodedCall) {
    this.#encoding = encoding;
    this.#call = call;
  }

  data(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#decoder ??= this.#open(chunk);
    this.#bytesIn += chunk.length;
    if (!this.#decoder.write(chunk)) this.#call.hold();
  }

  end(): void {
    if (this.#decoder) this.#decoder.end();
    else this.#call.decodedEnd();
  }

  pause(): void {
    this.#paused = true;
    this.#decoder?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#decoder?.resume();
  }

  /** Nothing more is said. */
  destroy(): void {
    this.#decoder?.destroy();
  }

  #open(first: Buffer): Transform {
    const decoder = decoderFor(this.#encoding, first);
    decoder.on("data", (piece: Buffer) => this.#take(piece));
    decoder.on("drain", () => this.#call.release());
    decoder.on("end", () => this.#call.decodedEnd());
    decoder.on("error", (error) => this.#call.broken(failureOfDecoder(this.#encoding, error)));
    if (this.#paused) decoder.pause();
    return decoder;
  }

  #take(piece: Buffer): void {
    this.#bytesOut += piece.length;
    if (this.#bytesOut > FREE_BYTES && this.#bytesOut > this.#bytesIn * MAX_RATIO) {
      const message = `the compressed answer (${this.#encoding}) inflates to more than ${MAX_RATIO} times its size`;
      return this.#call.broken({ kind: "malformed", message });
    }
    this.#call.decodedData(piece);
  }
}

function decoderFor(encoding: Encoding, first: Buffer): Transform {
  switch (encoding) {
    case "gzip":
      return createGunzip();
    case "br":
      return createBrotliDecompress();
    case "zstd":
      return createZstdDecompress(ZSTD_OPTIONS);
    case "deflate":
      // Some servers leave out the zlib wrapper that the name stands for.
      return ((first[0] ?? 0) & 0x0f) === 0x08 ? createInflate() : createInflateRaw();
  }
}

function failureOfDecoder(encoding: Encoding, error: Error): Failure {
  if (codeOf(error) === "Z_BUF_ERROR")
    return { kind: "cut", message: `the compressed answer (${encoding}) breaks off` };
  return { kind: "malformed", message: `the answer is not the ${encoding} it says it is: ${error.message}` };
}
