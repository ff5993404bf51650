import { asObject, type JsonObject } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { CacheMark } from "../../../core/part.ts";
import type { ChatRequest } from "../../../core/request.ts";
import type { Turn as JoinedTurn } from "../../turns.ts";
import type { ModelRules } from "../models-rules.ts";

/** What all writers of one request body share. */
export interface Draft {
  readonly request: ChatRequest;
  readonly rules: ModelRules;
  readonly losses: Losses;
  readonly marks: CacheMarks;
}

/** One entry of `messages`; its `extra` is `output_config` and the like. */
export type Turn = JoinedTurn<"assistant" | "system", JsonObject>;

/** The API takes four cache marks. Blocks are marked in prompt order; the last ones win, they cover the others' text. */
const MAX_MARKS = 4;

export class CacheMarks {
  readonly #blocks: JsonObject[] = [];
  readonly #losses: Losses;

  constructor(losses: Losses) {
    this.#losses = losses;
  }

  /** Puts `cache` on the block, if there is one. */
  mark(block: JsonObject, cache: CacheMark | undefined): void {
    if (!cache) return;
    block["cache_control"] = cacheControl(cache);
    if (cache.ttl !== undefined && cache.ttl !== "5m" && cache.ttl !== "1h")
      this.#losses.changed("cache_control.ttl", `${cache.ttl}->${ttlOf(cache.ttl)}`);
    this.#blocks.push(block);
  }

  /** Counts a mark the block already carries. */
  adopt(block: JsonObject): void {
    if (block["cache_control"] !== undefined && block["cache_control"] !== null) this.#blocks.push(block);
  }

  /** Takes off what is too much. `reserved`: marks that are not on a block (the top-level one). */
  settle(reserved: number): void {
    const surplus = this.#blocks.length - (MAX_MARKS - reserved);
    if (surplus > 0) {
      for (const block of this.#blocks.slice(0, surplus)) delete block["cache_control"];
      this.#losses.changed("cache_control", `first ${surplus} of ${this.#blocks.length} marks dropped`);
    }
    this.#longestFirst(this.#blocks.slice(Math.max(surplus, 0)));
  }

  /** A mark of an hour behind one of minutes is a 400: the earlier ones then last as long. */
  #longestFirst(blocks: readonly JsonObject[]): void {
    const last = blocks.findLastIndex((block) => asObject(block["cache_control"])?.["ttl"] === "1h");
    const short = blocks
      .slice(0, Math.max(last, 0))
      .filter((block) => asObject(block["cache_control"])?.["ttl"] !== "1h");
    if (short.length === 0) return;
    for (const block of short) block["cache_control"] = { type: "ephemeral", ttl: "1h" };
    this.#losses.changed("cache_control.ttl", `${short.length} of 5m->1h: a longer one follows`);
  }
}

export function cacheControl(cache: CacheMark): JsonObject {
  return cache.ttl === undefined ? { type: "ephemeral" } : { type: "ephemeral", ttl: ttlOf(cache.ttl) };
}

/** OpenAI's 12 h is nearest to 1 h; its 30 m to 5 m, which every hit renews. */
function ttlOf(ttl: string): string {
  return ttl === "1h" || ttl === "12h" || ttl === "24h" ? "1h" : "5m";
}
