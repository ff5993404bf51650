import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { asArray, asObject, asString, isObject, type Json, type JsonObject } from "../../src/core/json.ts";
import type { Cleanup } from "./in-process.ts";
import { addressOf } from "./upstream/upstream.ts";

/** A collector's side of OTLP/HTTP with JSON: keeps what it is sent. */
export interface OtlpReceiver {
  /** What goes into `otlp_endpoint`. */
  url: string;
  /** As they came. */
  requests: { path: string; headers: IncomingHttpHeaders; body: JsonObject }[];
  spans(): ReceivedSpan[];
  logs(): ReceivedLog[];
  /** By name, each as it came last. */
  metrics(): Map<string, ReceivedMetric>;
  /** Attributes of the first resource that came. */
  resource(): Attributes;
  /** How it answers from now on; `hang`: never. Else 200. */
  answer(how: number | "hang"): void;
}

export type Attributes = Record<string, Json>;

export interface ReceivedSpan {
  name: string;
  kind: Json | undefined;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  traceState: string | undefined;
  startNs: bigint;
  endNs: bigint;
  attributes: Attributes;
  events: string[];
  status: Json | undefined;
}

export interface ReceivedLog {
  severity: string | undefined;
  severityNumber: Json | undefined;
  body: Json | undefined;
  attributes: Attributes;
  traceId: string | undefined;
  spanId: string | undefined;
}

export interface ReceivedMetric {
  unit: string;
  /** `sum`, `gauge` or `histogram`. */
  kind: string;
  /** 2: cumulative. */
  temporality: Json | undefined;
  points: {
    attributes: Attributes;
    value: Json | undefined;
    sum: Json | undefined;
    count: number;
    bounds: Json | undefined;
    buckets: Json | undefined;
  }[];
}

export async function otlpReceiver(test: Cleanup): Promise<OtlpReceiver> {
  const requests: OtlpReceiver["requests"] = [];
  let how: number | "hang" = 200;
  const server = createServer(async (incoming, outgoing) => {
    const body: Json = JSON.parse(await text(incoming));
    requests.push({ path: incoming.url ?? "", headers: incoming.headers, body: asObject(body) ?? {} });
    if (how === "hang") return;
    outgoing.writeHead(how, { "content-type": "application/json" }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const records = (resources: string, scopes: string, list: string) =>
    requests.flatMap(({ body }) =>
      objects(body[resources]).flatMap((resource) =>
        objects(resource[scopes]).flatMap((scope) => objects(scope[list])),
      ),
    );
  return {
    url: `http://127.0.0.1:${addressOf(server.address()).port}`,
    requests,
    spans: () => records("resourceSpans", "scopeSpans", "spans").map(spanOf),
    logs: () => records("resourceLogs", "scopeLogs", "logRecords").map(logOf),
    metrics: () =>
      new Map(records("resourceMetrics", "scopeMetrics", "metrics").map((one) => [String(one["name"]), metricOf(one)])),
    resource() {
      const [first] = requests.flatMap(({ body }) => Object.values(body).flatMap(objects));
      return attributesOf(asObject(first?.["resource"])?.["attributes"]);
    },
    answer(next) {
      how = next;
    },
  };
}

function spanOf(span: JsonObject): ReceivedSpan {
  return {
    name: String(span["name"]),
    kind: span["kind"],
    traceId: String(span["traceId"]),
    spanId: String(span["spanId"]),
    parentSpanId: asString(span["parentSpanId"]),
    traceState: asString(span["traceState"]),
    startNs: BigInt(String(span["startTimeUnixNano"])),
    endNs: BigInt(String(span["endTimeUnixNano"])),
    attributes: attributesOf(span["attributes"]),
    events: objects(span["events"]).map(({ name }) => String(name)),
    status: asObject(span["status"])?.["code"],
  };
}

function logOf(record: JsonObject): ReceivedLog {
  return {
    severity: asString(record["severityText"]),
    severityNumber: record["severityNumber"],
    body: plainOf(record["body"]),
    attributes: attributesOf(record["attributes"]),
    traceId: asString(record["traceId"]),
    spanId: asString(record["spanId"]),
  };
}

function metricOf(metric: JsonObject): ReceivedMetric {
  const kind = ["sum", "gauge", "histogram"].find((one) => metric[one] !== undefined) ?? "";
  const data = asObject(metric[kind]) ?? {};
  const points = objects(data["dataPoints"]).map((point) => ({
    attributes: attributesOf(point["attributes"]),
    value: point["asDouble"] ?? point["asInt"],
    sum: point["sum"],
    count: Number(point["count"]),
    bounds: point["explicitBounds"],
    buckets: point["bucketCounts"],
  }));
  return { unit: String(metric["unit"]), kind, temporality: data["aggregationTemporality"], points };
}

/** `[{key, value: {stringValue}}]` as a plain object. */
export function attributesOf(list: Json | undefined): Attributes {
  return Object.fromEntries(objects(list).map(({ key, value }) => [String(key), plainOf(value) ?? null]));
}

/** What OTLP's `AnyValue` stands for; 64-bit integers come as text. */
function plainOf(value: Json | undefined): Json | undefined {
  const [[kind, inner] = []] = Object.entries(asObject(value) ?? {});
  if (kind === "arrayValue") return objects(asObject(inner)?.["values"]).map((item) => plainOf(item) ?? null);
  return kind === "intValue" ? Number(inner) : inner;
}

function objects(list: Json | undefined): JsonObject[] {
  return (asArray(list) ?? []).filter(isObject);
}
