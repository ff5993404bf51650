import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";

/** The channel on which each request is told of that has come (`node:diagnostics_channel`), as `node:http` does. */
export const HTTP_BEGUN = "http.server.request.start";

/** A client's request as endpoints see it, whoever reads it: `node:http`, or `server/lane`. */
export interface ClientRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly httpVersion: string;
  readonly httpVersionMinor: number;
  readonly socket: Socket;
  on(event: "data", take: (chunk: Buffer) => void): this;
  /** `error`: the body ended early. */
  on(event: "end" | "error" | "close", hear: () => void): this;
  once(event: "end" | "error" | "close", hear: () => void): this;
  off(event: "data", take: (chunk: Buffer) => void): this;
  pause(): this;
  resume(): this;
}

/** The answer to it, as far as endpoints need it. */
export interface ClientResponse {
  readonly req: ClientRequest;
  /** Null: an answer on the same connection comes before it, or it is over. */
  readonly socket: Socket | null;
  readonly headersSent: boolean;
  readonly statusCode: number;
  readonly destroyed: boolean;
  readonly writableNeedDrain: boolean;
  readonly writableFinished: boolean;
  /** Bytes that wait for the client. */
  readonly writableLength: number;
  /** False: what is written is sent as it is; who does so frames its chunks. */
  chunkedEncoding: boolean;
  hasHeader(name: string): boolean;
  setHeader(name: string, value: string): unknown;
  /** `headers`: names and values in turn. Throws on what HTTP does not allow in them. */
  writeHead(status: number, headers?: string[]): this;
  flushHeaders(): void;
  /** False: the client reads too slowly, wait for `drain`. */
  write(chunk: string | Buffer, encoding?: BufferEncoding): boolean;
  end(chunk?: string | Buffer, encoding?: BufferEncoding): this;
  addTrailers(trailers: [string, string][]): void;
  destroy(): this;
  /** `close`: the answer is out, or the client has left. */
  once(event: "close" | "drain", hear: () => void): this;
}
