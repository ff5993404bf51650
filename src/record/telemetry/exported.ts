import type { HrTime } from "@opentelemetry/api";
import type { ExportResult } from "@opentelemetry/core";
import type { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import type { OtlpOptions } from "./otlp.ts";

/** What the official exporters take. */
export type OtlpExporterConfig = NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>;

/** `gzip` has a type of its own, in a package that only the exporters know. */
export function exporterConfig({ url, headers, timeoutMillis, compression }: OtlpOptions): OtlpExporterConfig {
  const packed = { compression } as Pick<OtlpExporterConfig, "compression">;
  return { url, headers, timeoutMillis, ...packed };
}

/** Resolves when the collector took it. */
export function exported<T>(
  exporter: { export(items: T[], done: (result: ExportResult) => void): void },
  items: T[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    exporter.export(items, ({ code, error }) => {
      if (code === 0) resolve();
      else reject(error ?? new Error("the exporter gives no reason"));
    });
  });
}

export function hrTime(ms: number): HrTime {
  return [Math.trunc(ms / 1000), Math.round((ms % 1000) * 1e6)];
}
