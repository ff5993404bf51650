import type { Env } from "../../config/check/providers.ts";
import type { Config } from "../../config/config.ts";
import { systemClock } from "../../core/clock.ts";
import { ExportQueue } from "../../record/telemetry/export-queue.ts";
import type { LogLine } from "../../record/telemetry/log-exporter.ts";
import { loadResource, otlpOptions, resourceAttributes } from "../../record/telemetry/otlp.ts";
import { placeOf, type Signal, type SignalTools } from "./signal.ts";

/** A line without its texts, roughly. */
const LINE_BYTES = 256;

/** Every line of the program's log, as the log has it: secrets are taken out by then. */
export function logSignal({ telemetry }: Config, env: Env, { log, instance }: SignalTools): Signal {
  const options = otlpOptions("logs", telemetry, env);
  const queue = new ExportQueue<LogLine>({
    what: "logs",
    to: placeOf(options.url),
    log,
    nowMs: systemClock.nowMs,
    sizeOf: ({ message, fields }) => LINE_BYTES + 2 * message.length + JSON.stringify(fields).length,
    async load() {
      const [{ logExporter }, { exporterConfig }, resource] = await Promise.all([
        import("../../record/telemetry/log-exporter.ts"),
        import("../../record/telemetry/exported.ts"),
        loadResource(resourceAttributes(telemetry, env, instance)),
      ]);
      return logExporter(exporterConfig(options), resource, instance.version);
    },
  });
  return {
    get lost() {
      return queue.lost;
    },
    sinks: [],
    // A line that tells of telemetry in trouble would be the next to get into it.
    line: (line) => {
      if (line.fields["telemetry"] === undefined) queue.add([line]);
    },
    open: () => queue.open(),
    retire: () => undefined,
    flush: () => queue.flush(),
    close: () => queue.close(),
  };
}
