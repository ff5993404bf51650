import type { Socket } from "node:net";
import type { ProxyPlace } from "../way.ts";
import type { HeadReader } from "./answer-head.ts";
import { ConnectionError } from "./http-error.ts";
import { ProxyError, proxyError, refusalOf } from "./proxy-error.ts";
import { headerLine } from "./request-bytes.ts";
import { type AnswerParts, ResponseParser } from "./response-parser.ts";
import {
  type Place,
  type Reader,
  type SecureSockets,
  type SocketOwner,
  type Sockets,
  whenStanding,
} from "./sockets.ts";

interface Plan {
  readonly proxy: ProxyPlace;
  readonly place: Place;
  readonly toProxy: Sockets;
  readonly inside: SecureSockets;
  readonly heads: HeadReader;
}

/** The proxy is asked for a connection to the provider (CONNECT), and TLS is spoken through it: the proxy sees no key. */
export class Tunnel implements AnswerParts, Reader {
  readonly #plan: Plan;
  readonly #owner: SocketOwner;
  readonly #parser: ResponseParser;
  #socket: Socket | undefined;

  constructor(plan: Plan, owner: SocketOwner) {
    this.#plan = plan;
    this.#owner = owner;
    this.#parser = new ResponseParser(this, plan.heads);
  }

  open(): Socket {
    const { proxy, toProxy } = this.#plan;
    const socket = toProxy.open(this);
    this.#socket = socket;
    whenStanding(
      socket,
      toProxy.event,
      () => this.#ask(socket),
      (error) => this.#owner.onNoConnection(proxyError(proxy, "cannot be reached", error)),
    );
    return socket;
  }

  #ask(socket: Socket): void {
    const { proxy, place } = this.#plan;
    socket.on("error", this.#broken);
    socket.on("close", this.#closed);
    this.#parser.expect("CONNECT");
    const authorization =
      proxy.authorization === undefined ? "" : headerLine("proxy-authorization", proxy.authorization);
    const lines = `host: ${place.authority}\r\n${authorization}`;
    socket.write(`CONNECT ${place.authority} HTTP/1.1\r\n${lines}\r\n`, "latin1");
  }

  onBytes(bytes: Buffer, count: number): void {
    this.#parser.execute(bytes, 0, count);
    if (this.#parser.fault) this.#broken(this.#parser.fault);
  }

  onHead(status: number): void {
    if (status < 300) return;
    const { proxy, place } = this.#plan;
    this.#fail(new ProxyError(`the proxy ${proxy.origin} ${refusalOf(status)} (to ${place.authority})`));
  }

  onBody(): void {
    // Of a refusal nobody reads more than its status.
  }

  /** The connection is the provider's from here on, who says nothing before it is asked. */
  onComplete(left: number): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    if (left > 0) return this.#broken(new ConnectionError("bytes came that nobody asked for"));
    socket.off("error", this.#broken);
    socket.off("close", this.#closed);
    // Whoever speaks through it hears of that.
    socket.on("error", () => undefined);
    const secure = this.#plan.inside.over(socket, this.#owner);
    whenStanding(
      secure,
      "secureConnect",
      () => this.#owner.onStands(secure),
      (error) => this.#owner.onNoConnection(error),
    );
  }

  readonly #closed = () => this.#broken(new ConnectionError("the other side closed it"));

  readonly #broken = (error: Error) => {
    const { proxy, place } = this.#plan;
    this.#fail(proxyError(proxy, `gives no connection to ${place.authority}`, error));
  };

  #fail(error: Error): void {
    this.#parser.stop();
    this.#socket?.destroy();
    this.#owner.onNoConnection(error);
  }
}
