import { channel } from "node:diagnostics_channel";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { HTTP_BEGUN } from "../../core/client-call.ts";
import { type Lane, LaneConnection } from "./lane-connection.ts";
import type { LaneRequest } from "./lane-request.ts";
import type { LaneResponse } from "./lane-response.ts";

/** Where `node:http` tells of its requests. */
const begun = channel(HTTP_BEGUN);

/**
 * Reads and answers the plain requests of programs itself, in a third of the time that `node:http` takes. A connection on which anything else comes is
 * given to `node:http`, with all that was read of it, and stays there: what is not plain is read by one reader only, and that is not ours.
 */
export class FastLane implements Lane {
  readonly keepAliveS: number;
  second = 0;
  readonly #server: Server & { maxHeaderSize?: number };
  readonly #toNode: (socket: Socket) => void;
  readonly #handle: (req: LaneRequest, res: LaneResponse) => void;
  readonly #connections = new Set<LaneConnection>();

  /** Takes the server's connections from it, before anybody else hears of them. */
  constructor(server: Server, handle: (req: LaneRequest, res: LaneResponse) => void) {
    const [toNode] = server.listeners("connection");
    if (toNode === undefined) throw new Error("the server takes no connections");
    this.#server = server;
    this.keepAliveS = Math.floor(server.keepAliveTimeout / 1000);
    this.#handle = handle;
    this.#toNode = (socket) => void Reflect.apply(toNode, server, [socket]);
    server.removeAllListeners("connection");
    server.on("connection", (socket) => void this.#connections.add(new LaneConnection(socket, this)));
    const timer = setInterval(() => this.#check(), 1_000).unref();
    server.once("close", () => clearInterval(timer));
  }

  get maxHeadBytes(): number {
    return this.#server.maxHeaderSize ?? 0;
  }

  handle(req: LaneRequest, res: LaneResponse): void {
    if (begun.hasSubscribers) begun.publish({ request: req, response: res, socket: req.socket, server: this.#server });
    this.#handle(req, res);
  }

  handOver(connection: LaneConnection, bytes: Buffer): void {
    const { socket } = connection;
    this.gone(connection);
    connection.leave();
    socket.pause();
    this.#toNode(socket);
    socket.unshift(bytes);
    socket.resume();
  }

  gone(connection: LaneConnection): void {
    this.#connections.delete(connection);
  }

  closeIdle(): void {
    for (const connection of this.#connections) if (connection.isIdle) connection.socket.destroy();
  }

  #check(): void {
    this.second++;
    const { headersTimeout, requestTimeout } = this.#server;
    for (const connection of this.#connections) connection.check(headersTimeout / 1000, requestTimeout / 1000);
  }
}
