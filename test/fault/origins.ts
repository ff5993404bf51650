import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { addressOf } from "../support/upstream/upstream.ts";

/** An address at which nobody listens. */
export async function refusedOrigin(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = addressOf(server.address());
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}

/** Listens, and never takes a connection. */
const DEAF = `
const { createServer } = require("node:net");
const { parentPort } = require("node:worker_threads");
const server = createServer();
server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
`;

/** Where nothing answers to a SYN: a server whose queue of connections is full. */
export class BlackHole {
  readonly origin: string;
  readonly #worker: Worker;
  readonly #queued: Socket[];

  private constructor(origin: string, worker: Worker, queued: Socket[]) {
    this.origin = origin;
    this.#worker = worker;
    this.#queued = queued;
  }

  static async open(): Promise<BlackHole> {
    const worker = new Worker(DEAF, { eval: true });
    const [port]: unknown[] = await once(worker, "message");
    const queued: Socket[] = [];
    // Until one is not taken any more.
    for (let taken = true; taken && queued.length < 16; ) {
      const socket = connect(Number(port), "127.0.0.1");
      socket.on("error", () => socket.destroy());
      queued.push(socket);
      taken = await Promise.race([once(socket, "connect").then(() => true), delay(300, false)]);
    }
    // The one that is not taken would be given up by the system in the middle of a long run.
    queued.pop()?.destroy();
    return new BlackHole(`http://127.0.0.1:${port}`, worker, queued);
  }

  async close(): Promise<void> {
    for (const socket of this.#queued) socket.destroy();
    await this.#worker.terminate();
  }
}
