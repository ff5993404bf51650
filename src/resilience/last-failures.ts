import type { Failure, FailureKind } from "../core/failure.ts";
import { briefly } from "./alarms.ts";

const MAX_KEPT = 20;

export interface LastFailure {
  model: string;
  kind: FailureKind;
  status: number | undefined;
  /** Of ours; holds neither keys nor anything of a prompt. */
  message: string;
  atMs: number;
}

/** The latest attempts at one provider that failed. */
export class LastFailures {
  #kept: LastFailure[] = [];

  add(model: string, failure: Failure, atMs: number): void {
    const { kind, upstreamStatus: status } = failure;
    this.#kept.push({ model, kind, status, message: briefly(failure), atMs });
    if (this.#kept.length > MAX_KEPT) this.#kept.shift();
  }

  /** The newest first. */
  list(): LastFailure[] {
    return this.#kept.toReversed();
  }
}
