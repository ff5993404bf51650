import type { Env } from "../../config/check/providers.ts";
import type { Config } from "../../config/config.ts";
import { systemClock } from "../../core/clock.ts";
import { ExportQueue } from "../../record/telemetry/export-queue.ts";
import { loadResource, otlpOptions, resourceAttributes } from "../../record/telemetry/otlp.ts";
import { type SpanData, spansOf } from "../../record/telemetry/spans.ts";
import { placeOf, type Signal, type SignalTools } from "./signal.ts";

/** A span without its texts, roughly. */
const SPAN_BYTES = 1024;

/** Every finished exchange as spans. */
export function traceSignal({ telemetry }: Config, env: Env, { log, instance, providers }: SignalTools): Signal {
  const options = otlpOptions("traces", telemetry, env);
  const queue = new ExportQueue<SpanData>({
    what: "traces",
    to: placeOf(options.url),
    log,
    nowMs: systemClock.nowMs,
    sizeOf: ({ attributes }) =>
      Object.values(attributes).reduce<number>((sum, value) => sum + String(value).length, SPAN_BYTES),
    async load() {
      const [{ spanExporter }, { exporterConfig }, resource] = await Promise.all([
        import("../../record/telemetry/span-exporter.ts"),
        import("../../record/telemetry/exported.ts"),
        loadResource(resourceAttributes(telemetry, env, instance)),
      ]);
      return spanExporter(exporterConfig(options), resource, instance.version);
    },
  });
  return {
    get lost() {
      return queue.lost;
    },
    sinks: [
      {
        active: true,
        completeOnly: true,
        ignoresJson: true,
        take(event) {
          if (event.type === "complete") queue.add(spansOf(event, { content: telemetry.content, providers }));
        },
      },
    ],
    open: () => queue.open(),
    retire: () => undefined,
    flush: () => queue.flush(),
    close: () => queue.close(),
  };
}
