import type { RouterError } from "../core/errors.ts";
import type { Exchange } from "./exchange.ts";
import { OneATurn } from "./one-a-turn.ts";

interface Ending {
  /** Absent: it is no chat, but a count or an embedding. */
  readonly exchange?: Exchange;
  /** Of a client that asked for a stream. */
  readonly isStream: boolean;
  end(error: RouterError): void;
}

/** What a router has under way, whatever version of its config it began with: reloads neither hide it nor lose it. */
export class Underway {
  readonly passages = new Set<Ending>();
  /** What remains to be done for clients that left: counting and recording a long answer takes milliseconds, and all may leave at once. */
  readonly afterwards = new OneATurn();

  readonly #ended = new Map<"streams" | "all", RouterError>();

  get count(): number {
    return this.passages.size;
  }

  /** Why one that only begins now is to end at once. */
  ended({ isStream }: Ending): RouterError | undefined {
    return this.#ended.get("all") ?? (isStream ? this.#ended.get("streams") : undefined);
  }

  /** Ends what is under way with this error, and what begins later: its body was still being read. */
  end(which: "streams" | "all", error: RouterError): void {
    this.#ended.set(which, error);
    for (const passage of this.passages) if (which === "all" || passage.isStream) passage.end(error);
  }
}
