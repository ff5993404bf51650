import { connect, type Socket } from "node:net";

export type Done = (connection: Connection, first: number, total: number, ok: boolean) => void;

/** The bytes of a request. */
export function requestOf(
  url: URL,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${path} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\n${more.join("")}`;
  return Buffer.from(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/**
 * A connection that sends the same request again and again, over a plain socket. HTTP is read only as far as its end has to be
 * found, so that it costs a fraction of what it measures.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #request: Buffer;
  readonly #done: Done;
  #sentAt = 0;
  #firstAt = 0;
  #received = 0;
  #expected = 0;
  #ok = false;
  #tail = "";
  #isOpen = false;
  #lastAt = 0;
  #gap = 0;

  constructor(host: string, port: number, request: Buffer, done: Done) {
    this.#request = request;
    this.#done = done;
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.on("data", (chunk: Buffer) => this.#data(chunk));
    this.#socket.on("error", () => this.#finish(false));
    this.#socket.on("end", () => this.#finish(false));
  }

  /** The longest time between two pieces of the last answer, in ms. */
  get gap(): number {
    return this.#gap;
  }

  send(): void {
    this.#isOpen = true;
    this.#gap = 0;
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
    const now = performance.now();
    if (this.#firstAt === 0) this.#head(chunk, now);
    else if (now - this.#lastAt > this.#gap) this.#gap = now - this.#lastAt;
    this.#lastAt = now;
    if (this.#expected > 0) {
      if (this.#received >= this.#expected) this.#finish(this.#ok);
      return;
    }
    // Chunked: the last chunk is `0`, perhaps with trailers behind it.
    this.#tail = (this.#tail + chunk.toString("latin1", Math.max(0, chunk.length - 300))).slice(-300);
    if (this.#tail.endsWith("\r\n\r\n") && /\r\n0\r\n/.test(this.#tail)) this.#finish(this.#ok);
  }

  #head(chunk: Buffer, now: number): void {
    this.#firstAt = now;
    const text = chunk.toString("latin1", 0, 2048);
    this.#ok = text.startsWith("HTTP/1.1 200");
    const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
    if (length !== undefined) this.#expected = text.indexOf("\r\n\r\n") + 4 + Number(length);
  }

  #finish(ok: boolean): void {
    // A connection that breaks may say so twice.
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const now = performance.now();
    this.#done(this, this.#firstAt - this.#sentAt, now - this.#sentAt, ok);
  }
}
