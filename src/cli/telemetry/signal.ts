import type { Log } from "../../core/log.ts";
import type { Metrics } from "../../record/metrics/metrics.ts";
import type { Sink } from "../../record/recorder.ts";
import type { ProviderFacts } from "../../record/telemetry/gen-ai.ts";
import type { LogLine } from "../../record/telemetry/log-exporter.ts";
import type { Instance } from "../../record/telemetry/otlp.ts";

/** Traces, metrics or logs on their way out, with the settings of one config. None of its methods throws or rejects. */
export interface Signal {
  /** What is told of events; works before `open` too, in bounded memory. */
  readonly sinks: readonly Sink[];
  /** Of what it was told, so much was dropped or not taken; absent: it loses nothing. */
  readonly lost?: number;
  /** Gets each line of the program's log while its config answers. */
  line?(line: LogLine): void;
  /** This config answers requests from now on. Loads packages, in the background. Again after `retire`: it is back. */
  open(): void;
  /** Another config does: requests that began under this one are still told of, all of them. */
  retire(): void;
  /** Sends what waits. */
  flush(): Promise<void>;
  /** Sends what waits, and ends. */
  close(): Promise<void>;
}

export interface SignalTools {
  log: Log;
  instance: Instance;
  /** What is measured, under all configs. */
  metrics: Metrics;
  /** Of all configs so far, by name. */
  providers: ReadonlyMap<string, ProviderFacts>;
}

/** What may be told of an address: some carry a key. */
export function placeOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed ? parsed.origin + parsed.pathname : "the address given";
}
