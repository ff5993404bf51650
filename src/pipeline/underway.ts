import type { RouterError } from "../core/errors.ts";
import { Passages, type Placed } from "../core/passages.ts";
import type { Exchange } from "./exchange.ts";
import { OneATurn } from "./one-a-turn.ts";

interface Ending extends Placed {
  /** Absent: it is no chat, but a count or an embedding. */
  readonly exchange?: Exchange;
  /** Of a client that asked for a stream. */
  readonly isStream: boolean;
  end(error: RouterError): void;
}

/** What a router has under way, whatever version of its config it began with: reloads neither hide it nor lose it. */
export class Underway {
  readonly passages = new Passages<Ending>();
  /** What remains to be done for clients that left: counting and recording a long answer takes milliseconds, and all may leave at once. */
  readonly afterwards = new OneATurn();

  /** What other processes have under way that serve the same port. */
  elsewhere = 0;

  #waiting: { version: number; over(): void }[] = [];
  readonly #ended = new Map<"streams" | "all", RouterError>();

  get count(): number {
    return this.passages.size + this.elsewhere;
  }

  /** This one is over. */
  remove(passage: Ending): void {
    this.passages.delete(passage);
    const version = passage.exchange?.configVersion;
    if (version === undefined || this.#waiting.length === 0 || this.#isUsed(version)) return;
    for (const waiting of this.#waiting.filter((one) => one.version === version)) waiting.over();
    this.#waiting = this.#waiting.filter((one) => one.version !== version);
  }

  /** Resolves when nothing goes on by this version of the config any more. */
  over(version: number): Promise<void> {
    if (!this.#isUsed(version)) return Promise.resolve();
    return new Promise((over) => void this.#waiting.push({ version, over }));
  }

  #isUsed(version: number): boolean {
    for (const { exchange } of this.passages) if (exchange?.configVersion === version) return true;
    return false;
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
