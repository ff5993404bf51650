import { type Attributes, type HrTime, ValueType } from "@opentelemetry/api";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import type { Resource } from "@opentelemetry/resources";
import { AggregationTemporality, DataPointType, type MetricData } from "@opentelemetry/sdk-metrics";
import { hrTime, type OtlpExporterConfig } from "../telemetry/exported.ts";
import { DURATION_MS, EXCHANGE } from "./definitions.ts";
import type { Definition, Family, Series } from "./registry.ts";

export interface MetricExporter {
  /** Sends everything as it stands. Rejects when it was not taken, which loses nothing: the next one has it all. */
  export(families: readonly Family[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Sends metrics over OTLP/HTTP with the official exporter, cumulative as the SDK does by default. Imported only when they are
 * on: the package is large. The SDK's own instruments would keep, for each reader, what it has not collected yet.
 */
export function metricExporter(config: OtlpExporterConfig, resource: Resource, version: string): MetricExporter {
  const exporter = new OTLPMetricExporter(config);
  const scope = { name: "opensourcellmrouter", version };
  return {
    export: (families) =>
      new Promise((resolve, reject) => {
        const metrics = metricsOf(families, hrTime(Date.now()));
        exporter.export({ resource, scopeMetrics: [{ scope, metrics }] }, ({ code, error }) => {
          if (code === 0) resolve();
          else reject(error ?? new Error("the exporter gives no reason"));
        });
      }),
    close: () => exporter.shutdown(),
  };
}

function metricsOf(families: readonly Family[], now: HrTime): MetricData[] {
  return families.flatMap((family) => {
    const series = family.all();
    if (series.length === 0) return [];
    const metric = metricOf(family.definition, series, now);
    if (family.definition !== EXCHANGE.duration) return [metric];
    return [metric, metricOf(DURATION_MS, series.map(inMilliseconds), now)];
  });
}

type Point = Pick<Series, "values" | "sinceMs" | "value" | "buckets" | "count">;

/** Buckets stay: the bounds of `DURATION_MS` are those of seconds, a thousand times. */
function inMilliseconds({ values, sinceMs, value, buckets, count }: Point): Point {
  return { values, sinceMs, value: value * 1000, buckets, count };
}

function metricOf(definition: Definition, all: readonly Point[], endTime: HrTime): MetricData {
  const { name, help: description, unit, type, bounds = [] } = definition;
  const descriptor = { name, description, unit, valueType: ValueType.DOUBLE };
  const aggregationTemporality = AggregationTemporality.CUMULATIVE;
  const pointOf = (series: Point) => ({
    startTime: hrTime(series.sinceMs),
    endTime,
    attributes: attributesOf(definition, series),
  });
  if (type === "histogram")
    return {
      descriptor,
      aggregationTemporality,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: all.map((series) => ({
        ...pointOf(series),
        value: {
          buckets: { boundaries: [...bounds], counts: [...series.buckets] },
          sum: series.value,
          count: series.count,
        },
      })),
    };
  const dataPoints = all.map((series) => ({ ...pointOf(series), value: series.value }));
  if (type === "gauge") return { descriptor, aggregationTemporality, dataPointType: DataPointType.GAUGE, dataPoints };
  return { descriptor, aggregationTemporality, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
}

/** `error` is true or false there; an empty label is none. */
function attributesOf({ labels }: Definition, { values }: Point): Attributes {
  const pairs = labels.flatMap((label, at): [string, string | boolean][] => {
    const value = values[at] ?? "";
    if (label === "error") return [[label, value === "true"]];
    return value === "" ? [] : [[label, value]];
  });
  return Object.fromEntries(pairs);
}
