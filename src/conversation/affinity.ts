import type { Usage } from "../core/usage.ts";
import type { BoundedMemory } from "./memory.ts";
import type { Origin, Remembered, RememberedAffinity } from "./remembered.ts";

/** Not used for so long, a prompt cache is taken to be cold: Anthropic's lives five minutes from its last use, OpenAI's five to ten. */
const WARM_MS = 5 * 60_000;
/** Anthropic's, where the client pays for an hour. */
const WARM_LONG_MS = 60 * 60_000;
/** While nothing was seen of a cache: some providers keep one unasked and say so from the second turn on, others have none. */
const UNSEEN_SHARE = 0.5;
/** How much the last turn counts against all before it: a cache that stops to hold is known after two. */
const NEWEST = 0.75;

/** Where a conversation was answered last, and what is to be expected of its next turn. Tokens. */
export interface LastAnswer extends Origin {
  /** Of the next prompt, as many as its cache is expected to hold; all of a prompt that is shorter. */
  readonly cachedTokens: number;
  /** Of its next answer. */
  readonly outputTokens: number;
}

/** Which target answered which conversation last, and how much of it that one's prompt cache holds. */
export class AffinityMemory {
  readonly #memory: BoundedMemory<Remembered>;

  constructor(memory: BoundedMemory<Remembered>) {
    this.#memory = memory;
  }

  /** `conversation`: as `conversationOf` names it. */
  of(conversation: string, wallMs: number): LastAnswer | undefined {
    const found = this.#find(conversation);
    return (
      found && {
        ...found.origin,
        cachedTokens: isWarm(found, wallMs) ? Math.round(found.cachedShare * found.prefixTokens) : 0,
        outputTokens: found.outputTokens,
      }
    );
  }

  /** `usage`: of this answer alone. */
  remember(conversation: string, origin: Origin, usage: Usage, wallMs: number): void {
    const found = this.#find(conversation);
    // What is read back from the log may come later than the turn after it.
    if (found && found.atMs > wallMs) return;
    const isSame = found?.origin.provider === origin.provider && found.origin.model === origin.model;
    const before = isSame ? found : undefined;
    const { input, output, reasoning, cacheWriteLong, cachedRead } = usage;
    const keepsLong = cacheWriteLong > 0 || (cachedRead > 0 && before?.warmMs === WARM_LONG_MS);
    const entry: RememberedAffinity = {
      kind: "affinity",
      origin,
      atMs: wallMs,
      warmMs: keepsLong ? WARM_LONG_MS : WARM_MS,
      // What was thought is not sent again.
      prefixTokens: input + output - reasoning,
      cachedShare: shareOf(usage, before, wallMs),
      outputTokens: found ? Math.round((found.outputTokens + output) / 2) : output,
    };
    this.#memory.set(keyOf(conversation), entry, origin.provider.length + origin.model.length);
  }

  #find(conversation: string): RememberedAffinity | undefined {
    const found = this.#memory.get(keyOf(conversation));
    return found?.kind === "affinity" ? found : undefined;
  }
}

function isWarm({ atMs, warmMs }: RememberedAffinity, wallMs: number): boolean {
  return wallMs - atMs < warmMs;
}

/** `before`: the turn before at the same target, if that answered it. */
function shareOf(usage: Usage, before: RememberedAffinity | undefined, wallMs: number): number {
  const { cachedRead, cacheWrite, input, reported } = usage;
  if (!before) return cachedRead + cacheWrite > 0 ? 1 : UNSEEN_SHARE;
  // An estimate knows nothing of caches, and that a cold one had nothing says nothing of a warm one.
  if (!reported || (!isWarm(before, wallMs) && cachedRead === 0)) return before.cachedShare;
  const seen = Math.min(1, cachedRead / Math.max(1, Math.min(before.prefixTokens, input)));
  return NEWEST * seen + (1 - NEWEST) * before.cachedShare;
}

/** The name of a conversation is a digest already. */
function keyOf(conversation: string): string {
  return `affinity ${conversation}`;
}
