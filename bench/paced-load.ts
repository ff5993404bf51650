import { Connection, requestOf } from "./connection.ts";

/**
 * Load as people make it, in a process of its own: so many requests a second whether those before were answered or not. Each
 * `streamedEvery`th is streamed.
 */
export interface PacedOrder {
  url: string;
  path: string;
  whole: string;
  streamed: string;
  streamedEvery: number;
  perSecond: number;
  ms: number;
}

export interface PacedResult {
  requests: number;
  errors: number;
  /** ms from sending to the last byte of whole answers; sorted. */
  whole: number[];
  /** Likewise, of streams. */
  streamed: number[];
}

class Kind {
  readonly #url: URL;
  readonly #request: Buffer;
  readonly #idle: Connection[] = [];
  readonly #all: Connection[] = [];
  readonly total: number[] = [];
  errors = 0;
  sent = 0;

  constructor(url: URL, path: string, body: string) {
    this.#url = url;
    this.#request = requestOf(url, path, body);
  }

  send(): void {
    this.sent++;
    (this.#idle.pop() ?? this.#open()).send();
  }

  #open(): Connection {
    const { hostname, port } = this.#url;
    const connection = new Connection(hostname, Number(port), this.#request, (from, _first, total, ok) => {
      if (!ok) this.errors++;
      this.total.push(total);
      this.#idle.push(from);
    });
    this.#all.push(connection);
    return connection;
  }

  get isDone(): boolean {
    return this.total.length === this.sent;
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }
}

async function runPaced(order: PacedOrder): Promise<PacedResult> {
  const url = new URL(order.url);
  const whole = new Kind(url, order.path, order.whole);
  const streamed = new Kind(url, order.path, order.streamed);
  const began = performance.now();
  const pause = () => new Promise((resolve) => setTimeout(resolve, 1));
  for (let sent = 0; performance.now() - began < order.ms; await pause()) {
    const due = ((performance.now() - began) / 1000) * order.perSecond;
    for (; sent < due; sent++) (sent % order.streamedEvery === 0 ? streamed : whole).send();
  }
  while (!(whole.isDone && streamed.isDone)) await pause();
  for (const kind of [whole, streamed]) kind.close();
  return {
    requests: whole.sent + streamed.sent,
    errors: whole.errors + streamed.errors,
    whole: whole.total.sort((a, b) => a - b),
    streamed: streamed.total.sort((a, b) => a - b),
  };
}

process.on("message", (order: PacedOrder) => {
  void runPaced(order).then((result) => process.send?.(result));
});
