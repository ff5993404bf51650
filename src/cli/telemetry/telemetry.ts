import { randomUUID } from "node:crypto";
import type { Env } from "../../config/check/providers.ts";
import type { Config } from "../../config/config.ts";
import type { Log } from "../../core/log.ts";
import type { Sink } from "../../record/recorder.ts";
import type { Instance } from "../../record/telemetry/otlp.ts";
import { VERSION } from "../version.ts";

/** How long the end of the program waits for collectors, ms: one that hangs must not hold it up. */
const CLOSE_MS = 3_000;

/** Traces, metrics or logs on their way out, with the settings of one config. None of its methods throws or rejects. */
export interface Signal {
  /** What is told of events; works before `open` too, in bounded memory. */
  readonly sinks: readonly Sink[];
  /** This config answers requests from now on. Loads packages, in the background. Again after `retire`: it is back. */
  open(): void;
  /** Another config does: requests that began under this one are still told of, all of them. */
  retire(): void;
  /** Sends what waits. */
  flush(): Promise<void>;
  /** Sends what waits, and ends. */
  close(): Promise<void>;
}

/** What makes the signals of a config; those a config does not ask for are not made. */
export type MakeSignals = (config: Config, env: Env, tools: SignalTools) => Signal[];

export interface SignalTools {
  log: Log;
  instance: Instance;
}

/** The telemetry of all versions of the config: one set of signals for each that differs in what it sends where. */
export class Telemetry {
  readonly #sets = new Map<string, readonly Signal[]>();
  readonly #make: MakeSignals;
  readonly #tools: SignalTools;
  #current: readonly Signal[] = [];

  constructor(log: Log, make: MakeSignals = makeSignals) {
    this.#make = make;
    this.#tools = { log, instance: { version: VERSION, id: randomUUID() } };
  }

  /** What is told of events under this config. Starts nothing yet. */
  of(config: Config, env: Env): Sink[] {
    return this.#setOf(config, env).flatMap(({ sinks }) => sinks);
  }

  /** This config answers from now on. */
  open(config: Config, env: Env): void {
    const next = this.#setOf(config, env);
    if (next === this.#current) return;
    for (const signal of this.#current) signal.retire();
    this.#current = next;
    for (const signal of next) signal.open();
  }

  /** Sends what waits. Takes 3 s at most. */
  flush(): Promise<void> {
    return this.#all((signal) => signal.flush());
  }

  /** Sends what waits, and ends. Takes 3 s at most. */
  close(): Promise<void> {
    return this.#all((signal) => signal.close());
  }

  #setOf(config: Config, env: Env): readonly Signal[] {
    const key = keyOf(config, env);
    const known = this.#sets.get(key);
    if (known) return known;
    const set = this.#make(config, env, this.#tools);
    this.#sets.set(key, set);
    return set;
  }

  async #all(end: (signal: Signal) => Promise<void>): Promise<void> {
    const ended = Promise.all([...this.#sets.values()].flat().map(end));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([ended, late]);
    clearTimeout(timer);
  }
}

/** What a set of signals depends on. */
function keyOf({ telemetry }: Config, env: Env): string {
  const variables = Object.entries(env).filter(([name]) => name.startsWith("OTEL_"));
  return JSON.stringify([telemetry, variables]);
}

/** Traces, metrics and logs, as far as the config asks for them. Metrics: `src/record/metrics/`. */
function makeSignals(): Signal[] {
  return [];
}
