import type { Timer } from "../../core/clock.ts";

/** Ollama keeps a model for so long after its last answer, unless it is told otherwise. */
const KEPT_MS = 5 * 60_000;
/** Names come from clients: those nobody uses any more are forgotten beyond so many. */
const MAX_IDLE = 64;

/** What our own requests tell of a model: whether it is in the server's memory. */
export class ModelUse {
  /** Requests that hold a slot or wait for one. */
  users = 0;
  /** Of these, the ones whose answer has begun. */
  answering = 0;
  usedMs = Number.NEGATIVE_INFINITY;
  /** The request that has it loaded, and for how long the others wait for that. */
  loader: { by: object; until: Timer } | undefined;

  isLoaded(nowMs: number): boolean {
    return this.answering > 0 || nowMs - this.usedMs < KEPT_MS;
  }

  isLoading(nowMs: number): boolean {
    return this.loader !== undefined && !this.isLoaded(nowMs);
  }

  /** It came, or failed, or takes too long. */
  endLoading(): void {
    this.loader?.until.cancel();
    this.loader = undefined;
  }
}

/** The models of a server that loads them on demand. */
export class LoadedModels {
  readonly #uses = new Map<string, ModelUse>();

  /** Counts one more user. */
  use(model: string, nowMs: number): ModelUse {
    let use = this.#uses.get(model);
    if (use === undefined) {
      if (this.#uses.size >= MAX_IDLE) this.#sweep(nowMs);
      use = new ModelUse();
      this.#uses.set(model, use);
    }
    use.users++;
    return use;
  }

  #sweep(nowMs: number): void {
    for (const [model, use] of this.#uses) if (use.users === 0 && !use.isLoaded(nowMs)) this.#uses.delete(model);
  }
}
