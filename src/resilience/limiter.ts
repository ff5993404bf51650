import type { ProviderConfig } from "../config/config.ts";
import type { Clock } from "../core/clock.ts";
import type { Provider } from "../upstream/provider.ts";
import { Line, type LineState } from "./limiter/line.ts";
import type { Slot, SlotWaiter } from "./limiter/slot.ts";

export type { Slot, SlotWaiter } from "./limiter/slot.ts";

/**
 * The limits the user set for providers, and one of our own: a local model that has to be loaded first gets one request, and
 * the others when it is there. Limits are those of the current config, whichever one a request began with.
 */
export class Limiter {
  readonly #clock: Clock;
  /** By provider. */
  readonly #lines = new Map<string, Line>();
  #current: ReadonlyMap<string, ProviderConfig> = new Map();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new config: its limits hold for who asks from now on. */
  configure(providers: readonly ProviderConfig[]): void {
    this.#current = new Map(providers.map((config) => [config.name, config]));
  }

  /** False for providers without limits: nothing to ask then. */
  limits(provider: Provider): boolean {
    const { max_concurrency, requests_per_minute } = this.#configOf(provider);
    return max_concurrency !== undefined || requests_per_minute !== undefined || loadsModels(provider);
  }

  /**
   * Exactly one of the waiter's methods is called, maybe before this returns, none after `cancel()`. Who asked first goes
   * first, whoever it is: agents ask one thing at a time, so none of them can hold the line.
   */
  ask(provider: Provider, model: string, waiter: SlotWaiter): { cancel(): void } {
    let line = this.#lines.get(provider.name);
    if (line === undefined) {
      line = new Line(this.#clock);
      this.#lines.set(provider.name, line);
    }
    const loaded = loadsModels(provider) && !CLOUD_MODEL.test(model) ? model : undefined;
    return line.ask(this.#configOf(provider), loaded, waiter);
  }

  /** Leave to ask at once, for what is not worth waiting for. False: it would have to wait. */
  askNow(provider: Provider, model: string): Slot | false | Promise<Slot | false> {
    let given: Slot | false = false;
    const ticket = this.ask(provider, model, {
      granted: (slot) => {
        given = slot;
      },
      refused: () => undefined,
    });
    if (!given) ticket.cancel();
    return given;
  }

  /** Its own where it is gone from the config. */
  #configOf(provider: Provider): ProviderConfig {
    return this.#current.get(provider.name) ?? provider.config;
  }

  /** Forgets all other providers; who waits there still gets its turn. */
  keep(names: ReadonlySet<string>): void {
    for (const provider of this.#lines.keys()) if (!names.has(provider)) this.#lines.delete(provider);
  }

  /** How it stands; undefined for providers that were never asked for here. */
  state(provider: string): LineState | undefined {
    return this.#lines.get(provider)?.state();
  }
}

/** Ollama shows models that run elsewhere among its own: `gpt-oss:120b-cloud`, `glm-4.6:cloud`. */
const CLOUD_MODEL = /[:-]cloud$/;

/**
 * Ollama loads a model when it is first asked for it; it speaks plain HTTP, and ollama.com does not. The other local servers
 * have their model loaded when they answer at all (llama.cpp, vLLM), or queue by themselves (llama-swap, LM Studio).
 */
function loadsModels({ half, origin }: Provider): boolean {
  return half.dialect === "ollama" && origin.startsWith("http:");
}
