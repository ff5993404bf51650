import type { Failure } from "../core/failure.ts";
import type { RawError } from "./answer-reader.ts";

/** How a delivery tells the dispatcher that it is over. Exactly one of `failed`, `delivered` and `crashed` is called, once. */
export interface AnswerEnd {
  /** Nothing was written to the client yet: an error can still be answered, another target tried. */
  failed(failure: Failure, raw: RawError | undefined): void;
  /** The client got its answer, or the part of it there was: then `failure` says why it was cut. */
  delivered(failure: Failure | undefined): void;
  /** The router itself failed while answering: a bug. */
  crashed(error: unknown): void;
  /** The whole answer is known and its last bytes are about to go: usage and tags are settled here. */
  settle(): void;
}
