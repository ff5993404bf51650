import { type IncomingHttpHeaders, request } from "node:http";

/** An exchange at the level of bytes, trailers included. */
export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  trailers: NodeJS.Dict<string>;
  body: Buffer;
  /** When each piece of the body came, ms after the request was sent. */
  arrivals: { atMs: number; text: string }[];
}

export interface RawRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** Sends exactly these bytes and takes exactly what comes back. Rejects when the connection breaks. */
export function exchange(url: string, options: RawRequest = {}): Promise<RawAnswer> {
  const method = options.method ?? (options.body === undefined ? "GET" : "POST");
  const headers = { ...(options.body !== undefined && { "content-type": "application/json" }), ...options.headers };
  return new Promise((resolve, reject) => {
    const sent = performance.now();
    const outgoing = request(url, { method, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      const arrivals: RawAnswer["arrivals"] = [];
      incoming.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        arrivals.push({ atMs: performance.now() - sent, text: chunk.toString() });
      });
      incoming.on("error", reject);
      incoming.on("end", () => {
        const { statusCode = 0, headers: received, trailers } = incoming;
        resolve({ status: statusCode, headers: received, trailers, body: Buffer.concat(chunks), arrivals });
      });
    });
    outgoing.on("error", reject);
    // A client that does not switch protocols still has to read the answer to its upgrade request.
    outgoing.on("upgrade", (incoming, socket) => {
      socket.destroy();
      reject(new Error(`upgraded with ${incoming.statusCode}`));
    });
    outgoing.end(options.body);
  });
}
