import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { telemetrySchema } from "../../config/config.ts";
import { isSent, otlpOptions, resourceAttributes, samplingOf } from "./otlp.ts";

const config = (settings: object = {}) => telemetrySchema.parse({ enabled: true, ...settings });

test("the config says where to, then the signal's variable, then that of all, then it is here", () => {
  const all = { OTEL_EXPORTER_OTLP_ENDPOINT: "https://all.example/otlp/" };
  const own = { ...all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces.example/in" };
  const urlOf = (settings: object, env: Record<string, string>) => otlpOptions("traces", config(settings), env).url;
  equal(urlOf({ otlp_endpoint: "http://here:4318" }, own), "http://here:4318/v1/traces");
  equal(urlOf({}, own), "https://traces.example/in");
  equal(urlOf({}, all), "https://all.example/otlp/v1/traces");
  equal(urlOf({}, {}), "http://localhost:4318/v1/traces");
});

test("headers are pairs, percent-encoded; a signal's own win; what is no number of ms is passed over", () => {
  const env = {
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20a=b, x-team = 100%, none",
    OTEL_EXPORTER_OTLP_LOGS_HEADERS: "x-team=logs",
    OTEL_EXPORTER_OTLP_TIMEOUT: "soon",
    OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: "500",
    OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: "gzip",
  };
  const [traces, logs] = [otlpOptions("traces", config(), env), otlpOptions("logs", config(), env)];
  deepEqual(traces.headers, { authorization: "Bearer a=b", "x-team": "100%" });
  deepEqual([logs.headers["x-team"], logs.timeoutMillis, logs.compression], ["logs", 500, "gzip"]);
  deepEqual([traces.timeoutMillis, traces.compression], [10_000, "none"]);
});

test("a name for the service, whoever gives it; attributes of the owner's own", () => {
  const instance = { version: "1.2.3", id: "i" };
  const env = {
    OTEL_RESOURCE_ATTRIBUTES: "service.name=third,deployment.environment.name=test,service.instance.id=mine",
  };
  const nameOf = (settings: object, more: object) =>
    resourceAttributes(config(settings), { ...env, ...more }, instance)["service.name"];
  equal(nameOf({ service_name: "first" }, { OTEL_SERVICE_NAME: "second" }), "first");
  equal(nameOf({}, { OTEL_SERVICE_NAME: "second" }), "second");
  deepEqual(resourceAttributes(config(), env, instance), {
    "service.name": "third",
    "service.version": "1.2.3",
    "service.instance.id": "mine",
    "deployment.environment.name": "test",
  });
});

test("the environment turns off one signal, or all", () => {
  equal(isSent("traces", config({ enabled: false }), {}), false);
  equal(isSent("traces", config(), { OTEL_SDK_DISABLED: "TRUE" }), false);
  const env = { OTEL_LOGS_EXPORTER: "none" };
  deepEqual([isSent("logs", config(), env), isSent("traces", config(), env)], [false, true]);
});

test("samplers have the standard's names; one that makes no sense keeps all", () => {
  const of = (sampler: string, arg = "") =>
    samplingOf(config(), { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: arg });
  deepEqual(samplingOf(config({ sample_ratio: 0.5 }), { OTEL_TRACES_SAMPLER: "always_off" }), {
    ratio: 0.5,
    byParent: true,
  });
  deepEqual(of(""), { ratio: 1, byParent: true });
  deepEqual(of("always_off"), { ratio: 0, byParent: false });
  deepEqual(of("parentbased_always_off"), { ratio: 0, byParent: true });
  deepEqual(of("traceidratio", "0.25"), { ratio: 0.25, byParent: false });
  deepEqual(of("parentbased_traceidratio", "lots"), { ratio: 1, byParent: true });
  deepEqual(of("parentbased_traceidratio"), { ratio: 1, byParent: true });
});
