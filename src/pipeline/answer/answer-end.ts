import type { Failure } from "../../core/failure.ts";
import type { Source } from "../source.ts";
import type { RawError } from "./answer-reader.ts";

/**
 * How deliveries tell what becomes of their answers, each naming its source. For one source exactly one of `failed`,
 * `delivered` and `crashed` is called, once, unless another one goes on.
 */
export interface AnswerEnd {
  /** The first content is about to go to the client: nobody else may answer any more. */
  commits(source: Source): void;
  /** Nothing was written to the client yet: an error can still be answered, another target tried. */
  failed(source: Source, failure: Failure, raw: RawError | undefined): void;
  /**
   * It broke off after content. When another target goes on with the text: the source is over, and what is returned is to be called
   * once the client has all of it. Undefined: it ends here.
   */
  goesOn(source: Source, failure: Failure): (() => void) | undefined;
  /** The client got its answer, or the part of it there was: then `failure` says why it was cut. */
  delivered(source: Source, failure: Failure | undefined): void;
  /** The router itself failed while answering: a bug. */
  crashed(error: unknown): void;
  /** The whole answer is known and its last bytes are about to go: usage and tags are settled here. */
  settle(): void;
}
