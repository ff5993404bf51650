import type { Failure } from "../../core/failure.ts";
import type { JsonObject } from "../../core/json.ts";

interface Outcome {
  provider: string;
  model: string;
  /** How often the request was sent. */
  attempts: number;
  /** The client may try again with profit. */
  mayRetry: boolean;
  /** The provider's own words, for a client of its dialect. */
  passed?: JsonObject | undefined;
}

/** Nobody answered a small request: the last failure, to be told in the client's own shape. */
export class GaveUp extends Error {
  override readonly name = "GaveUp";
  /** Its message names the provider. */
  readonly failure: Failure;
  readonly outcome: Outcome;

  constructor(failure: Failure, outcome: Outcome) {
    super(`provider '${outcome.provider}': ${failure.message}`);
    this.failure = { ...failure, message: this.message };
    this.outcome = outcome;
  }
}
