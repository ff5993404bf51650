import type { Log } from "../../core/log.ts";
import type { MetricExporter } from "./otlp.ts";
import type { Family } from "./registry.ts";

export interface PushOptions {
  /** Where they go, for people; without what may be secret. */
  to: string;
  everyMs: number;
  read: () => readonly Family[];
  /** Brings the exporter, once. */
  load: () => Promise<MetricExporter>;
  log: Log;
}

/**
 * Sends metrics now and then. What was not taken is in the next ones too: nothing waits, nothing is lost. The log hears when
 * it fails, and when it works again. Nothing here throws or rejects.
 */
export class MetricPush {
  readonly #options: PushOptions;
  #exporter: Promise<MetricExporter> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #failing = false;

  constructor(options: PushOptions) {
    this.#options = options;
  }

  open(): void {
    this.#load().catch((error: unknown) => this.#failed(error));
    this.#timer ??= setInterval(() => void this.#send(), this.#options.everyMs).unref();
  }

  /** Once more, and no further. */
  retire(): void {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    void this.flush();
  }

  /** What is under way may be from before the last request. */
  async flush(): Promise<void> {
    await this.#sending;
    await this.#send();
  }

  async close(): Promise<void> {
    if (this.#timer) await this.flush();
    else await this.#sending;
    clearInterval(this.#timer);
    await this.#exporter?.then(
      (exporter) => exporter.close(),
      () => undefined,
    );
  }

  /** One at a time: a collector that is slow gets fewer. */
  #send(): Promise<void> {
    this.#sending ??= this.#load()
      .then((exporter) => exporter.export(this.#options.read()))
      .then(
        () => this.#works(),
        (error: unknown) => this.#failed(error),
      )
      .finally(() => {
        this.#sending = undefined;
      });
    return this.#sending;
  }

  #load(): Promise<MetricExporter> {
    this.#exporter ??= this.#options.load();
    return this.#exporter;
  }

  #failed(error: unknown): void {
    if (this.#failing) return;
    this.#failing = true;
    const { to, log } = this.#options;
    const why = (error instanceof Error && error.message ? error.message : String(error)).split("\n", 1).join("");
    const message = `telemetry: metrics do not get to ${to}: ${why.slice(0, 200)}; the next ones will have it all`;
    log("warn", message, { telemetry: "metrics" });
  }

  #works(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#options.log("info", `telemetry: metrics get to ${this.#options.to} again`, { telemetry: "metrics" });
  }
}
