import { SeverityNumber } from "@opentelemetry/api";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import type { Resource } from "@opentelemetry/resources";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { LogFields, LogLevel } from "../../core/log.ts";
import type { TraceContext } from "../../core/trace-context.ts";
import type { Exporter } from "./export-queue.ts";
import { exported, hrTime, type OtlpExporterConfig } from "./exported.ts";

/** A line of the program's log. */
export interface LogLine {
  /** Wall clock ms. */
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
  /** Of the request it is about. */
  readonly place?: TraceContext;
}

const SEVERITIES = {
  error: SeverityNumber.ERROR,
  warn: SeverityNumber.WARN,
  info: SeverityNumber.INFO,
  debug: SeverityNumber.DEBUG,
};

/** Sends lines over OTLP/HTTP with the official exporter. Imported only when logs are sent: the package is large. */
export function logExporter(config: OtlpExporterConfig, resource: Resource, version: string): Exporter<LogLine> {
  const exporter = new OTLPLogExporter(config);
  const scope = { name: "opensourcellmrouter", version };
  return {
    export: (lines) =>
      exported(
        exporter,
        lines.map((line) => record(line, resource, scope)),
      ),
    close: () => exporter.shutdown(),
  };
}

function record(
  { timeMs, level, message, fields, place }: LogLine,
  resource: Resource,
  instrumentationScope: ReadableLogRecord["instrumentationScope"],
): ReadableLogRecord {
  const attributes = Object.entries(fields).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  );
  return {
    hrTime: hrTime(timeMs),
    hrTimeObserved: hrTime(timeMs),
    severityText: level.toUpperCase(),
    severityNumber: SEVERITIES[level],
    body: message,
    attributes: Object.fromEntries(attributes),
    ...(place && { spanContext: { traceId: place.traceId, spanId: place.spanId, traceFlags: place.sampled ? 1 : 0 } }),
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
  };
}
