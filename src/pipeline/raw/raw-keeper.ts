import type { RawExchange } from "../../api/exchanges.ts";
import type { ClientResponse } from "../../core/client-call.ts";
import type { Exchange } from "../exchange.ts";
import { RawRoom } from "./raw-body.ts";
import { RawTrace } from "./raw-trace.ts";

/** What an exchange costs in memory besides its bodies. */
const TRACE_COST = 4096;

/** What went over the wire for the latest exchanges, for people who look into one: in memory only, and never more than so much. */
export class RawKeeper {
  #maxBytes = 0;
  #bytes = 0;
  readonly #traces = new Map<string, RawTrace>();

  /** 0 keeps nothing. */
  configure(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#evict();
  }

  /** Undefined: nothing is kept. */
  trace(exchange: Exchange, res: ClientResponse): RawTrace | undefined {
    if (this.#maxBytes === 0) return undefined;
    const room = new RawRoom((bytes) => {
      if (!room.open) return;
      this.#bytes += bytes;
      this.#evict();
    });
    const trace = new RawTrace(exchange.incoming, res, room);
    this.#traces.set(exchange.id, trace);
    room.add(TRACE_COST);
    return trace;
  }

  get(id: string): RawExchange | undefined {
    return this.#traces.get(id)?.describe();
  }

  /** The oldest go first, be they under way or not. */
  #evict(): void {
    for (const [id, trace] of this.#traces) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#traces.delete(id);
      this.#bytes -= trace.room.bytes;
      trace.clear();
    }
  }
}
