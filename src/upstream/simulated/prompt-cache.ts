import { hash } from "node:crypto";
import { estimateTokens } from "../../core/estimate/estimate.ts";
import type { ChatRequest } from "../../core/request.ts";

/** From its last use on, as Anthropic's and OpenAI's. */
const TTL_MS = 5 * 60_000;
/** Of what is shorter real ones keep nothing. */
const MIN_TOKENS = 1_024;
const MAX_PREFIXES = 50_000;

/** Tokens of a prompt that were in the cache, and that are from now on. */
export interface CacheUse {
  read: number;
  written: number;
}

/** Beginnings of prompts it has seen lately: what stands before the messages, and that with one message more each time. */
export class SimulatedPromptCache {
  /** When each was last used, monotonic ms; the longest unused first. */
  readonly #prefixes = new Map<string, number>();

  /** `tokens`: of the whole prompt. */
  use(request: ChatRequest, tokens: number, nowMs: number): CacheUse {
    if (tokens < MIN_TOKENS) return { read: 0, written: 0 };
    const prefixes = prefixesOf(request);
    const known = prefixes.findLastIndex((prefix) => this.#isWarm(prefix, nowMs));
    for (const prefix of prefixes) {
      this.#prefixes.delete(prefix);
      this.#prefixes.set(prefix, nowMs);
    }
    this.#dropOld(nowMs);
    const read = known < 0 ? 0 : estimateTokens({ ...request, messages: request.messages.slice(0, known) });
    return read < MIN_TOKENS ? { read: 0, written: tokens } : { read, written: tokens - read };
  }

  #isWarm(prefix: string, nowMs: number): boolean {
    const usedMs = this.#prefixes.get(prefix);
    return usedMs !== undefined && nowMs - usedMs < TTL_MS;
  }

  #dropOld(nowMs: number): void {
    for (const [prefix, usedMs] of this.#prefixes) {
      if (this.#prefixes.size <= MAX_PREFIXES && nowMs - usedMs < TTL_MS) return;
      this.#prefixes.delete(prefix);
    }
  }
}

/** A digest of the prompt without its messages, then with one more each: as many as it has messages, and one. */
function prefixesOf({ model, system, tools, messages }: ChatRequest): string[] {
  let digest = digestOf("", [model, system, tools]);
  const prefixes = [digest];
  for (const message of messages) {
    digest = digestOf(digest, message);
    prefixes.push(digest);
  }
  return prefixes;
}

/** Marks of where a cache may end move on with every turn, and are no part of the prompt. */
function digestOf(before: string, value: unknown): string {
  return hash(
    "sha1",
    before + JSON.stringify(value, (key, inner: unknown) => (key === "cache" ? undefined : inner)),
    "base64",
  );
}
