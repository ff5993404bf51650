import { Connection, type Done, requestOf } from "./connection.ts";

/**
 * The load generator, in a process of its own: keep-alive connections, one request after the other on each.
 */
export interface LoadOrder {
  url: string;
  path: string;
  body: string;
  headers?: Readonly<Record<string, string>>;
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
  /** The longest ms that an answer stood still once it had begun; sorted. */
  gaps: number[];
}

/** Who has not answered so long after the end is not waited for. */
const PATIENCE_MS = 20_000;

export function runLoad(order: LoadOrder): Promise<LoadResult> {
  const url = new URL(order.url);
  const request = requestOf(url, order.path, order.body, order.headers);
  const result: LoadResult = { requests: 0, errors: 0, seconds: 0, first: [], total: [], gaps: [] };
  const started = performance.now();
  const open = new Set<Connection>();
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(patience);
      result.seconds = (performance.now() - started) / 1000;
      for (const list of [result.first, result.total, result.gaps]) list.sort((a, b) => a - b);
      resolve(result);
    };
    const done: Done = (connection, first, total, ok) => {
      result.requests++;
      if (!ok) result.errors++;
      result.first.push(first);
      result.total.push(total);
      result.gaps.push(connection.gap);
      if (ok && result.requests + open.size <= order.requests && performance.now() - started < order.ms)
        return connection.send();
      connection.close();
      open.delete(connection);
      if (open.size === 0) over();
    };
    const patience = setTimeout(() => {
      result.requests += open.size;
      result.errors += open.size;
      for (const connection of open) connection.close();
      over();
    }, order.ms + PATIENCE_MS);
    for (let index = 0; index < order.connections; index++)
      open.add(new Connection(url.hostname, Number(url.port), request, done));
    for (const connection of open) connection.send();
  });
}

if (process.send) {
  process.on("message", (order: LoadOrder) => {
    void runLoad(order).then((result) => process.send?.(result));
  });
}
