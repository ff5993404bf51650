import type { Resource } from "@opentelemetry/resources";
import type { Config } from "../../config/config.ts";
import type { Sampling } from "../../core/trace-context.ts";

type TelemetryConfig = Config["telemetry"];
type Env = Readonly<Record<string, string | undefined>>;

export type OtlpSignal = "traces" | "metrics" | "logs";

/** Where one signal goes, as the official exporters take it. Headers may hold secrets: they are in no log and no error. */
export interface OtlpOptions {
  url: string;
  headers: Record<string, string>;
  timeoutMillis: number;
  /** `gzip` or `none`. */
  compression: "gzip" | "none";
}

const DEFAULT_ENDPOINT = "http://localhost:4318";
const DEFAULT_NAME = "opensourcellmrouter";
const DEFAULT_TIMEOUT_MS = 10_000;

/** What the config says; where it is silent, the standard environment variables. */
export function otlpOptions(signal: OtlpSignal, config: TelemetryConfig, env: Env): OtlpOptions {
  const of = (what: string) => variable(env, `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${what}`);
  const all = (what: string) => variable(env, `OTEL_EXPORTER_OTLP_${what}`);
  const own = config.otlp_endpoint === undefined ? of("ENDPOINT") : undefined;
  const base = config.otlp_endpoint ?? all("ENDPOINT") ?? DEFAULT_ENDPOINT;
  const timeout = Number(of("TIMEOUT") ?? all("TIMEOUT"));
  return {
    url: own ?? `${base.replace(/\/+$/, "")}/v1/${signal}`,
    headers: { ...pairsOf(all("HEADERS")), ...pairsOf(of("HEADERS")) },
    timeoutMillis: timeout > 0 ? timeout : DEFAULT_TIMEOUT_MS,
    compression: (of("COMPRESSION") ?? all("COMPRESSION")) === "gzip" ? "gzip" : "none",
  };
}

/** Whether this signal is sent at all: `enabled`, and not turned off by the environment. */
export function isSent(signal: OtlpSignal, config: TelemetryConfig, env: Env): boolean {
  if (!config.enabled || variable(env, "OTEL_SDK_DISABLED")?.toLowerCase() === "true") return false;
  return variable(env, `OTEL_${signal.toUpperCase()}_EXPORTER`) !== "none";
}

/** Which traces are kept: only samplers called `parentbased_…` leave it to clients that send their own. */
export function samplingOf(config: TelemetryConfig, env: Env): Sampling {
  if (config.sample_ratio !== undefined) return { ratio: config.sample_ratio, byParent: true };
  const sampler = variable(env, "OTEL_TRACES_SAMPLER") ?? "parentbased_always_on";
  const byParent = sampler.startsWith("parentbased_");
  if (sampler.endsWith("always_off")) return { ratio: 0, byParent };
  const ratio = sampler.endsWith("traceidratio") ? Number(variable(env, "OTEL_TRACES_SAMPLER_ARG") ?? 1) : 1;
  return { ratio: ratio >= 0 && ratio <= 1 ? ratio : 1, byParent };
}

/** Of this program, to tell it from others: the same for all signals, and over reloads. */
export interface Instance {
  version: string;
  /** Unique for each run. */
  id: string;
}

/** Who sends: attributes of the resource all signals have in common. */
export function resourceAttributes(config: TelemetryConfig, env: Env, instance: Instance): Record<string, string> {
  const given = pairsOf(variable(env, "OTEL_RESOURCE_ATTRIBUTES"));
  return {
    "service.instance.id": instance.id,
    ...given,
    "service.name": config.service_name ?? variable(env, "OTEL_SERVICE_NAME") ?? given["service.name"] ?? DEFAULT_NAME,
    "service.version": instance.version,
  };
}

/** As the SDK takes it, with what it says of itself. Loads the package. */
export async function loadResource(attributes: Record<string, string>): Promise<Resource> {
  const { defaultResource, resourceFromAttributes } = await import("@opentelemetry/resources");
  return defaultResource().merge(resourceFromAttributes(attributes));
}

/** `key=value,key2=value2`, percent-encoded: of headers and of resource attributes. What is not such a pair is passed over. */
function pairsOf(text: string | undefined): Record<string, string> {
  const pairs = (text ?? "").split(",").flatMap((pair) => {
    const at = pair.indexOf("=");
    const key = pair.slice(0, at).trim();
    return at < 1 || key === "" ? [] : [[key, decoded(pair.slice(at + 1).trim())] as const];
  });
  return Object.fromEntries(pairs);
}

/** A value with a % that encodes nothing is meant as it stands. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Empty counts as unset. */
function variable(env: Env, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === "" ? undefined : value;
}
