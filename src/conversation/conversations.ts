import type { Config } from "../config/config.ts";
import type { Clock } from "../core/clock.ts";
import { BoundedMemory } from "./memory.ts";
import { PrefixWatch } from "./prefix-watch.ts";
import { ReasoningMemory } from "./reasoning.ts";
import type { Remembered } from "./remembered.ts";
import { ResponseMemory } from "./responses.ts";

/**
 * What the router knows of conversations from one request to the next. In memory only: a restart forgets it, and nothing of it
 * is ever written down.
 */
export class Conversations {
  readonly reasoning: ReasoningMemory;
  readonly responses: ResponseMemory;
  readonly prefixes: PrefixWatch;

  constructor(limits: Config["conversations"], clock: Clock) {
    const memory = new BoundedMemory<Remembered>(
      {
        maxBytes: limits.max_mb * 1024 * 1024,
        maxEntries: limits.max_entries,
        ttlMs: limits.ttl_minutes * 60_000,
      },
      clock,
    );
    this.reasoning = new ReasoningMemory(memory);
    this.responses = new ResponseMemory(memory);
    this.prefixes = new PrefixWatch(memory);
  }
}
