import { Connection, type Done, requestOf } from "./connection.ts";

/**
 * The load generator, in a process of its own: keep-alive connections, one request after the other on each.
 */
export interface LoadOrder {
  url: string;
  path: string;
  body: string;
  connections: number;
  /** Stops after so many ms, or so many requests, whichever comes first. */
  ms: number;
  requests: number;
}

export interface LoadResult {
  requests: number;
  errors: number;
  seconds: number;
  /** ms from request to the first byte, and to the last; sorted. */
  first: number[];
  total: number[];
}

export function runLoad(order: LoadOrder): Promise<LoadResult> {
  const url = new URL(order.url);
  const request = requestOf(url, order.path, order.body);
  const result: LoadResult = { requests: 0, errors: 0, seconds: 0, first: [], total: [] };
  const started = performance.now();
  let open = order.connections;
  return new Promise((resolve) => {
    const done: Done = (connection, first, total, ok) => {
      result.requests++;
      if (!ok) result.errors++;
      result.first.push(first);
      result.total.push(total);
      if (ok && result.requests + open <= order.requests && performance.now() - started < order.ms)
        return connection.send();
      connection.close();
      if (--open > 0) return;
      result.seconds = (performance.now() - started) / 1000;
      result.first.sort((a, b) => a - b);
      result.total.sort((a, b) => a - b);
      resolve(result);
    };
    for (let index = 0; index < order.connections; index++)
      new Connection(url.hostname, Number(url.port), request, done).send();
  });
}

if (process.send) {
  process.on("message", (order: LoadOrder) => {
    void runLoad(order).then((result) => process.send?.(result));
  });
}
