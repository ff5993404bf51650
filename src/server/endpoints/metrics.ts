import { pipeline, Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { constants, createGzip } from "node:zlib";
import { shownHeaders } from "../../core/answer-headers.ts";
import type { Metrics } from "../../record/metrics/metrics.ts";
import { prometheusText, TEXT_FORMAT } from "../../record/metrics/prometheus.ts";
import { type Endpoint, sendStream } from "../call.ts";
import { acceptsGzip } from "./accepts-gzip.ts";

/** `GET /metrics`: what Prometheus scrapes. Written in pieces, with a turn for requests between two of them. */
export function metricsEndpoint(metrics: Metrics): Endpoint {
  return async ({ req, res }) => {
    const zips = acceptsGzip(req.headers["accept-encoding"]);
    const encoding = zips ? ["content-encoding", "gzip"] : [];
    res.writeHead(200, [
      "content-type",
      TEXT_FORMAT,
      "cache-control",
      "no-store",
      ...encoding,
      "vary",
      "accept-encoding",
      ...shownHeaders(res),
    ]);
    const text = Readable.from(pieces(metrics), { objectMode: false });
    // What compresses works in another thread.
    const body = zips ? pipeline(text, createGzip({ level: constants.Z_BEST_SPEED }), () => undefined) : text;
    await sendStream(res, body);
  };
}

async function* pieces(metrics: Metrics): AsyncGenerator<Buffer> {
  for (const piece of prometheusText(metrics.read())) {
    yield Buffer.from(piece);
    await turn();
  }
}
