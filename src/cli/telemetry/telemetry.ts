import { randomUUID } from "node:crypto";
import type { Env } from "../../config/check/providers.ts";
import type { Config } from "../../config/config.ts";
import type { Log } from "../../core/log.ts";
import { type TraceContext, TracePlaces, Tracing } from "../../core/trace-context.ts";
import type { Metrics } from "../../record/metrics/metrics.ts";
import type { Sink } from "../../record/recorder.ts";
import { factsOfProvider, type ProviderFacts } from "../../record/telemetry/gen-ai.ts";
import type { LogLine } from "../../record/telemetry/log-exporter.ts";
import { isSent, samplingOf } from "../../record/telemetry/otlp.ts";
import type { Provider } from "../../upstream/provider.ts";
import { VERSION } from "../version.ts";
import { logSignal } from "./logs.ts";
import { metricSignal } from "./metrics.ts";
import type { Signal, SignalTools } from "./signal.ts";
import { traceSignal } from "./traces.ts";

/** How long the end of the program waits for collectors, ms: one that hangs must not hold it up. */
const CLOSE_MS = 3_000;

/** What makes the signals of a config; those a config does not ask for are not made. */
export type MakeSignals = (config: Config, env: Env, tools: SignalTools) => Signal[];

/** The telemetry of all versions of the config: one set of signals for each that differs in what it sends where. */
export class Telemetry {
  readonly #sets = new Map<string, readonly Signal[]>();
  readonly #make: MakeSignals;
  readonly #tools: SignalTools;
  readonly #providers = new Map<string, ProviderFacts>();
  readonly #places = new TracePlaces();
  #current: readonly Signal[] = [];

  constructor(log: Log, metrics: Metrics, make: MakeSignals = makeSignals) {
    this.#make = make;
    this.#tools = { log, instance: { version: VERSION, id: randomUUID() }, providers: this.#providers, metrics };
  }

  /** What gives requests their place in a trace; undefined: this config keeps none. */
  tracing({ telemetry }: Config, env: Env): Tracing | undefined {
    return isSent("traces", telemetry, env) ? new Tracing(samplingOf(telemetry, env), this.#places) : undefined;
  }

  /** What is to be told of providers besides their names. */
  knows(providers: readonly Provider[]): void {
    for (const provider of providers) this.#providers.set(provider.name, factsOfProvider(provider));
  }

  /** A line of the program's log. Returns at once. */
  line(line: LogLine): void {
    const { request_id: id } = line.fields;
    const place = typeof id === "string" ? this.#places.of(id) : undefined;
    for (const signal of this.#current) signal.line?.(place ? { ...line, place } : line);
  }

  /** Of a request that another process has. */
  placed(id: string, place: TraceContext): void {
    this.#places.add(id, place);
  }

  placeOf(id: string): TraceContext | undefined {
    return this.#places.of(id);
  }

  /** Spans and lines that were dropped or not taken, under all configs. */
  get lost(): number {
    return [...this.#sets.values()].flat().reduce((sum, { lost = 0 }) => sum + lost, 0);
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

  /** Sends what waits. Takes 3 s at most; true: all were done by then. */
  flush(): Promise<boolean> {
    return this.#all((signal) => signal.flush());
  }

  /** Sends what waits, and ends. Takes 3 s at most; true: all were done by then. */
  close(): Promise<boolean> {
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

  async #all(end: (signal: Signal) => Promise<void>): Promise<boolean> {
    const ended = Promise.all([...this.#sets.values()].flat().map(end)).then(() => true);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS, false);
    });
    const isDone = await Promise.race([ended, late]);
    clearTimeout(timer);
    return isDone;
  }
}

/** What a set of signals depends on. */
function keyOf({ telemetry }: Config, env: Env): string {
  const variables = Object.entries(env).filter(([name]) => name.startsWith("OTEL_"));
  return JSON.stringify([telemetry, variables]);
}

/** Traces, metrics and logs, as far as the config asks for them. */
function makeSignals(config: Config, env: Env, tools: SignalTools): Signal[] {
  const { telemetry } = config;
  return [
    ...(isSent("traces", telemetry, env) ? [traceSignal(config, env, tools)] : []),
    ...(isSent("metrics", telemetry, env) ? [metricSignal(config, env, tools)] : []),
    ...(isSent("logs", telemetry, env) ? [logSignal(config, env, tools)] : []),
  ];
}
