import type { Clock, Random } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { discoverModels, type RequestJson, type ShownModels } from "./discover-models.ts";
import type { Fleet, Provider } from "./provider.ts";

export interface DiscoveryOptions {
  /** From the end of one look at the providers to the beginning of the next. */
  refreshMs: number;
  clock: Clock;
  /** Spreads the looks of several routers that started together. */
  random?: Random;
  log: Log;
  /** Told of each list that came. */
  listed?: (provider: Provider) => void;
}

interface State {
  shown: ShownModels;
  isFailing: boolean;
}

/** Keeps `models` of every provider up to date. What cannot be asked keeps its last list. */
export class Discovery {
  #fleet: Fleet;
  readonly #request: RequestJson;
  readonly #options: DiscoveryOptions;
  readonly #states = new WeakMap<Provider, State>();
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(fleet: Fleet, request: RequestJson, options: DiscoveryOptions) {
    this.#fleet = fleet;
    this.#request = request;
    this.#options = { ...options };
  }

  /** Looks now, and again and again until `stop`; does not keep the process alive. */
  start(): void {
    void this.refresh().then(() => this.#schedule());
  }

  /** Resolves when every provider was asked once, or the time is over, whichever comes first. */
  ready(timeoutMs: number): Promise<void> {
    return within(timeoutMs, this.refresh());
  }

  /** The same for those of another fleet that were never asked. */
  async meet(fleet: Fleet, timeoutMs: number): Promise<void> {
    const strangers = fleet.all().filter((provider) => !this.#states.has(provider));
    await within(timeoutMs, Promise.all(strangers.map((provider) => this.#look(provider))));
  }

  /** From the next look on these providers are asked, and so often. */
  follow(fleet: Fleet, refreshMs: number): void {
    this.#fleet = fleet;
    this.#options.refreshMs = refreshMs;
  }

  /** Asks every provider, all at once; joins the look that is under way. Never rejects. */
  refresh(): Promise<void> {
    this.#running ??= Promise.all(this.#fleet.all().map((provider) => this.#look(provider))).then(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#stopped) return;
    const { refreshMs, random = Math.random } = this.#options;
    const jittered = refreshMs * (0.9 + 0.2 * random());
    this.#timer = setTimeout(() => this.start(), jittered).unref();
  }

  async #look(provider: Provider): Promise<void> {
    const state = this.#stateOf(provider);
    const fields = { provider: provider.name };
    try {
      const models = await discoverModels(provider, this.#request, state.shown);
      provider.models = new Map(models.map((model) => [model.id, model]));
      provider.discoveredAt = this.#options.clock.nowMs();
      this.#options.listed?.(provider);
      if (state.isFailing) this.#options.log("info", `provider ${provider.name} lists its models again`, fields);
      state.isFailing = false;
      this.#options.log("debug", "models listed", { ...fields, models: models.length });
    } catch (error) {
      if (!state.isFailing && !this.#stopped) this.#options.log("warn", failureLine(provider, error), fields);
      state.isFailing = true;
    }
  }

  #stateOf(provider: Provider): State {
    let state = this.#states.get(provider);
    if (state === undefined) {
      state = { shown: new Map(), isFailing: false };
      this.#states.set(provider, state);
    }
    return state;
  }
}

/** Resolves when the work is done or the time is over, whichever comes first. */
async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  const { promise: timeout, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}

function failureLine(provider: Provider, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  const kept = provider.discoveredAt === undefined ? "" : "; what it listed before still counts";
  return `provider ${provider.name} does not list its models: ${reason}${kept}`;
}
