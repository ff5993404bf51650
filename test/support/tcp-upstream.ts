import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { addressOf } from "./upstream/upstream.ts";

/** A request as it came over the connection. */
export interface TcpRequest {
  /** `POST /v1/chat/completions HTTP/1.1`, then one line for each header. */
  head: string[];
  body: Buffer;
}

/**
 * A provider made of nothing but a TCP server: what it says to a POST, and when, is the script's alone. Whoever asks for its
 * models hears that it has no such list.
 */
export interface TcpUpstream {
  /** `http://127.0.0.1:PORT` */
  origin: string;
  requests: TcpRequest[];
  /** Connections accepted so far, and those open now. */
  accepted: number;
  readonly open: number;
  /** Connections that brought a request and were closed since. */
  cut: number;
  /** Sees each connection before any request on it. */
  onConnection: (socket: Socket) => void;
  close(): Promise<void>;
}

export type TcpScript = (socket: Socket, request: TcpRequest, serial: number) => void;

export async function startTcpUpstream(script: TcpScript): Promise<TcpUpstream> {
  const sockets = new Set<Socket>();
  const server = createServer();
  const upstream: TcpUpstream = {
    origin: "",
    requests: [],
    accepted: 0,
    cut: 0,
    onConnection: () => undefined,
    get open() {
      return sockets.size;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
  server.on("connection", (socket) => {
    upstream.accepted++;
    sockets.add(socket);
    let asked = false;
    socket.on("close", () => {
      sockets.delete(socket);
      if (asked) upstream.cut++;
    });
    // A connection the router breaks is no concern of the script's.
    socket.on("error", () => socket.destroy());
    upstream.onConnection(socket);
    let buffered: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk]);
      for (let taken = take(buffered); taken; taken = take(buffered)) {
        buffered = taken.rest;
        if (taken.request.head[0]?.startsWith("GET ")) {
          // On a connection that served before, the router may send a request once more: none has, but those of the script.
          socket.write(httpAnswer(404, "application/json", "{}", ["connection: close"]));
          continue;
        }
        asked = true;
        upstream.requests.push(taken.request);
        script(socket, taken.request, upstream.requests.length);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  upstream.origin = `http://127.0.0.1:${addressOf(server.address()).port}`;
  return upstream;
}

/** One that is closed when the test ends, however it ends. */
export async function tcpUpstream(
  test: { after(run: () => Promise<void>): void },
  script: TcpScript,
): Promise<TcpUpstream> {
  const upstream = await startTcpUpstream(script);
  test.after(() => upstream.close());
  return upstream;
}

/** The first whole request of the bytes, and what follows it. */
function take(bytes: Buffer): { request: TcpRequest; rest: Buffer } | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const head = bytes.toString("latin1", 0, end).split("\r\n");
  const length = head.map((line) => /^content-length:\s*(\d+)$/i.exec(line)?.[1]).find((value) => value !== undefined);
  const from = end + 4;
  const to = from + Number(length ?? 0);
  if (bytes.length < to) return undefined;
  return { request: { head, body: bytes.subarray(from, to) }, rest: bytes.subarray(to) };
}

/** A whole answer with its head. */
export function httpAnswer(status: number, type: string, body: string, more: readonly string[] = []): string {
  const length = Buffer.byteLength(body);
  const lines = [`HTTP/1.1 ${status} Status`, `content-type: ${type}`, `content-length: ${length}`, ...more];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** The head of an answer that comes in chunks. */
export function chunkedHead(type: string): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`;
}

export function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

export const LAST_CHUNK = "0\r\n\r\n";
