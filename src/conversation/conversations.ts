import type { Config } from "../config/config.ts";
import type { Clock } from "../core/clock.ts";
import type { JsonObject } from "../core/json.ts";
import { AffinityMemory } from "./affinity.ts";
import { BoundedMemory, type MemoryLimits } from "./memory.ts";
import type { Client } from "./owner.ts";
import { PrefixWatch } from "./prefix-watch.ts";
import { ReasoningMemory } from "./reasoning.ts";
import type { Remembered } from "./remembered.ts";
import { ResponseMemory } from "./responses.ts";
import { TagMemory } from "./tag-memory.ts";
import { ToolLoops } from "./tool-loops.ts";

/**
 * What the router knows of conversations from one request to the next. In memory only: a restart forgets it, but for who
 * answered them last, which is read back from the log.
 */
export class Conversations {
  readonly reasoning: ReasoningMemory;
  readonly responses: ResponseMemory;
  readonly prefixes: PrefixWatch;
  readonly tags: TagMemory;
  readonly affinity: AffinityMemory;
  readonly toolLoops: ToolLoops;
  /** All of it. */
  readonly memory: BoundedMemory<Remembered>;
  /** Where several processes serve: what was learned of an answer goes out to the others, before the answer's end does. */
  passOn: (() => void) | undefined;
  /** Likewise: resolves when what others learned before is known here, where the body goes on from what is not. */
  catchUp: ((client: Client, body: JsonObject) => Promise<void> | undefined) | undefined;

  constructor(settings: Config["conversations"], clock: Clock) {
    const memory = new BoundedMemory<Remembered>(limitsOf(settings), clock);
    this.memory = memory;
    this.reasoning = new ReasoningMemory(memory);
    this.responses = new ResponseMemory(memory);
    this.prefixes = new PrefixWatch(memory);
    this.tags = new TagMemory(memory);
    this.affinity = new AffinityMemory(memory);
    this.toolLoops = new ToolLoops(memory);
  }

  /** Looks something up without keeping it from being forgotten. */
  quietly<T>(look: () => T): T {
    return this.memory.quietly(look);
  }

  /** Other limits from now on; what fits them stays. */
  configure(settings: Config["conversations"]): void {
    this.memory.limit(limitsOf(settings));
  }
}

function limitsOf({ max_mb, max_entries, ttl_minutes }: Config["conversations"]): MemoryLimits {
  return { maxBytes: max_mb * 1024 * 1024, maxEntries: max_entries, ttlMs: ttl_minutes * 60_000 };
}
