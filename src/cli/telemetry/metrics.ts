import type { Env } from "../../config/check/providers.ts";
import type { Config } from "../../config/config.ts";
import { MetricPush } from "../../record/metrics/push.ts";
import { loadResource, otlpOptions, resourceAttributes } from "../../record/telemetry/otlp.ts";
import { placeOf, type Signal, type SignalTools } from "./signal.ts";

/** As OpenTelemetry's SDKs have it. */
const EVERY_MS = 60_000;

/** Everything that is measured, now and then. */
export function metricSignal({ telemetry }: Config, env: Env, { log, instance, metrics }: SignalTools): Signal {
  const options = otlpOptions("metrics", telemetry, env);
  const everyMs = Number(env["OTEL_METRIC_EXPORT_INTERVAL"]);
  const push = new MetricPush({
    to: placeOf(options.url),
    everyMs: everyMs > 0 ? everyMs : EVERY_MS,
    read: () => metrics.read(),
    log,
    async load() {
      const [{ metricExporter }, { exporterConfig }, resource] = await Promise.all([
        import("../../record/metrics/otlp.ts"),
        import("../../record/telemetry/exported.ts"),
        loadResource(resourceAttributes(telemetry, env, instance)),
      ]);
      return metricExporter(exporterConfig(options), resource, instance.version);
    },
  });
  return {
    sinks: [metrics],
    open: () => push.open(),
    retire: () => push.retire(),
    flush: () => push.flush(),
    close: () => push.close(),
  };
}
