import { connect, type Socket } from "node:net";

/**
 * The load generator, in a process of its own: keep-alive connections over plain sockets, one request after the other on each.
 * HTTP is read only as far as its end has to be found, so that it costs a fraction of what it measures.
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

class Connection {
  readonly #socket: Socket;
  readonly #request: Buffer;
  readonly #done: (connection: Connection, first: number, total: number, ok: boolean) => void;
  #sentAt = 0;
  #firstAt = 0;
  #received = 0;
  #expected = 0;
  #ok = false;
  #tail = "";

  constructor(host: string, port: number, request: Buffer, done: Connection["done"]) {
    this.#request = request;
    this.#done = done;
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.on("data", (chunk: Buffer) => this.#data(chunk));
    this.#socket.on("error", () => this.#finish(false));
  }

  get done() {
    return this.#done;
  }

  send(): void {
    this.#received = 0;
    this.#firstAt = 0;
    this.#expected = 0;
    this.#tail = "";
    this.#sentAt = performance.now();
    this.#socket.write(this.#request);
  }

  close(): void {
    this.#socket.destroy();
  }

  #data(chunk: Buffer): void {
    this.#received += chunk.length;
    if (this.#firstAt === 0) this.#head(chunk);
    if (this.#expected > 0) {
      if (this.#received >= this.#expected) this.#finish(this.#ok);
      return;
    }
    // Chunked: the last chunk is `0`, perhaps with trailers behind it.
    this.#tail = (this.#tail + chunk.toString("latin1", Math.max(0, chunk.length - 300))).slice(-300);
    if (this.#tail.endsWith("\r\n\r\n") && /\r\n0\r\n/.test(this.#tail)) this.#finish(this.#ok);
  }

  #head(chunk: Buffer): void {
    this.#firstAt = performance.now();
    const text = chunk.toString("latin1", 0, 2048);
    this.#ok = text.startsWith("HTTP/1.1 200");
    const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
    if (length !== undefined) this.#expected = text.indexOf("\r\n\r\n") + 4 + Number(length);
  }

  #finish(ok: boolean): void {
    const now = performance.now();
    this.#done(this, this.#firstAt - this.#sentAt, now - this.#sentAt, ok);
  }
}

export function runLoad(order: LoadOrder): Promise<LoadResult> {
  const url = new URL(order.url);
  const head = `POST ${order.path} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\n`;
  const request = Buffer.from(`${head}content-length: ${Buffer.byteLength(order.body)}\r\n\r\n${order.body}`);
  const result: LoadResult = { requests: 0, errors: 0, seconds: 0, first: [], total: [] };
  const started = performance.now();
  let open = order.connections;
  return new Promise((resolve) => {
    const done: Connection["done"] = (connection, first, total, ok) => {
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
