import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { until } from "./until.ts";

/** A client that writes bytes and reads bytes, and knows nothing of HTTP. */
export interface RawClient {
  socket: Socket;
  /** Everything heard so far, as Latin-1. */
  heard(): string;
  closed(): boolean;
  /** Waits until what was heard holds this. */
  hears(text: string | RegExp): Promise<string>;
  /** Waits until the other side has closed. */
  ended(): Promise<string>;
}

export async function rawClient(url: string, text?: string | Buffer): Promise<RawClient> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  let closed = false;
  socket.on("data", (data: Buffer) => void chunks.push(data));
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    closed = true;
  });
  await once(socket, "connect");
  if (text !== undefined) socket.write(text);
  const heard = () => Buffer.concat(chunks).toString("latin1");
  return {
    socket,
    heard,
    closed: () => closed,
    async hears(wanted) {
      const there = () => (typeof wanted === "string" ? heard().includes(wanted) : wanted.test(heard()));
      await until(there, `the client to hear ${wanted}`);
      return heard();
    },
    async ended() {
      await until(() => closed, "the connection to close");
      return heard();
    },
  };
}

/** The bytes of a POST with a JSON body. */
export function post(path: string, body: string, headers: readonly string[] = [], version = "1.1"): string {
  const length = Buffer.byteLength(body);
  const head = [`POST ${path} HTTP/${version}`, "host: localhost", "content-type: application/json", ...headers];
  return `${head.join("\r\n")}\r\ncontent-length: ${length}\r\n\r\n${body}`;
}
