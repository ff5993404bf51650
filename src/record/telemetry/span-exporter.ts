import { createTraceState, type HrTime, type SpanContext, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import type { Resource } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Exporter } from "./export-queue.ts";
import { exported, hrTime, type OtlpExporterConfig } from "./exported.ts";
import type { SpanData } from "./spans.ts";

const KINDS = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT };
const SAMPLED = 1;

/** Sends spans over OTLP/HTTP with the official exporter. Imported only when traces are on: the package is large. */
export function spanExporter(config: OtlpExporterConfig, resource: Resource, version: string): Exporter<SpanData> {
  const exporter = new OTLPTraceExporter(config);
  const scope = { name: "opensourcellmrouter", version };
  return {
    export: (spans) =>
      exported(
        exporter,
        spans.map((span) => readable(span, resource, scope)),
      ),
    close: () => exporter.shutdown(),
  };
}

function readable(span: SpanData, resource: Resource, scope: ReadableSpan["instrumentationScope"]): ReadableSpan {
  const context = contextOf(span, span.spanId);
  const { parentSpanId, isRemote, startMs, endMs, error } = span;
  return {
    name: span.name,
    kind: KINDS[span.kind],
    spanContext: () => context,
    ...(parentSpanId !== undefined && { parentSpanContext: { ...contextOf(span, parentSpanId), isRemote } }),
    startTime: hrTime(startMs),
    endTime: hrTime(endMs),
    duration: durationOf(startMs, endMs),
    status: error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: error },
    attributes: span.attributes,
    events: span.events.map(({ name, ms }) => ({ name, time: hrTime(ms) })),
    links: [],
    ended: true,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function contextOf({ traceId, state }: SpanData, spanId: string): SpanContext {
  const traceState = state !== undefined && { traceState: createTraceState(state) };
  return { traceId, spanId, traceFlags: SAMPLED, ...traceState };
}

function durationOf(startMs: number, endMs: number): HrTime {
  return hrTime(Math.max(0, endMs - startMs));
}
