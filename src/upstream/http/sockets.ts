import { connect, isIP, type LookupFunction, type Socket } from "node:net";
import { createSecureContext, type SecureContext, type TLSSocket, connect as tlsConnect } from "node:tls";
import type { HeadReader } from "./answer-head.ts";
import { ConnectionError } from "./http-error.ts";

/** TCP asks then whether the other side is still there. */
const PROBE_AFTER_MS = 60_000;

/** Where a connection leads. */
export interface Place {
  readonly isSecure: boolean;
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** `host:port`, as it is written in a request. */
  readonly authority: string;
}

export function placeOf(origin: string): Place {
  const { protocol, hostname, port } = new URL(origin);
  const isSecure = protocol === "https:";
  const number = port === "" ? (isSecure ? 443 : 80) : Number(port);
  return { isSecure, host: hostname.replace(/^\[|\]$/g, ""), port: number, authority: `${hostname}:${number}` };
}

/** Whoever reads from a socket. */
export interface Reader {
  /** The first `count` of `bytes`. `isShared`: whatever is read next, from any socket, is read into them. */
  onBytes(bytes: Buffer, count: number, isShared: boolean): void;
}

/** Whoever wants a connection. Bytes come only when it stands. */
export interface SocketOwner extends Reader {
  onStands(socket: Socket): void;
  /** Perhaps twice. */
  onNoConnection(error: Error): void;
}

/** What the connections of a client have in common. */
export interface Common {
  readonly lookup: LookupFunction;
  /** What plain connections read goes in here and is copied out: memory of its own for each read costs more. */
  readonly buffer: Buffer;
  readonly heads: HeadReader;
}

/** Makes the sockets to one place. */
export interface Sockets {
  open(reader: Reader): Socket;
  /** What a socket says when it stands. */
  readonly event: "connect" | "secureConnect";
}

/** `ca`: only certificates it vouches for are taken. */
export function socketsTo(place: Place, ca: string | undefined, common: Common): Sockets {
  return place.isSecure ? new SecureSockets(place, ca, common.lookup) : new PlainSockets(place, common);
}

class PlainSockets implements Sockets {
  readonly event = "connect";
  readonly #place: Place;
  readonly #common: Common;

  constructor(place: Place, common: Common) {
    this.#place = place;
    this.#common = common;
  }

  open(reader: Reader): Socket {
    const { lookup, buffer } = this.#common;
    const callback = (count: number) => {
      reader.onBytes(buffer, count, true);
      return true;
    };
    const { host, port } = this.#place;
    return connect({ host, port, lookup, onread: { buffer, callback } });
  }
}

/** Certificates are always verified, whatever NODE_TLS_REJECT_UNAUTHORIZED says. */
export class SecureSockets implements Sockets {
  readonly event = "secureConnect";
  readonly #place: Place;
  readonly #lookup: LookupFunction;
  readonly #ca: string | undefined;
  #context: SecureContext | undefined;
  /** Of the last connection whose certificate was verified: the next handshake is a shorter one. */
  #session: Buffer | undefined;

  constructor(place: Place, ca: string | undefined, lookup: LookupFunction) {
    this.#place = place;
    this.#lookup = lookup;
    this.#ca = ca;
  }

  open(reader: Reader): TLSSocket {
    return this.#open(reader);
  }

  /** Through a connection that stands already. */
  over(through: Socket, reader: Reader): TLSSocket {
    return this.#open(reader, through);
  }

  #open(reader: Reader, through?: Socket): TLSSocket {
    const { host, port } = this.#place;
    this.#context ??= createSecureContext(this.#ca === undefined ? {} : { ca: this.#ca });
    const socket = tlsConnect({
      host,
      port,
      lookup: this.#lookup,
      ...(through && { socket: through }),
      ...(isIP(host) === 0 && { servername: host }),
      ...(this.#session && { session: this.#session }),
      secureContext: this.#context,
      ALPNProtocols: ["http/1.1"],
      rejectUnauthorized: true,
    });
    socket.on("session", (session: Buffer) => {
      if (socket.authorized) this.#session = session;
    });
    socket.on("data", (bytes: Buffer) => reader.onBytes(bytes, bytes.length, false));
    return socket;
  }
}

/** Calls one of the two; `failed` perhaps twice. */
export function whenStanding(
  socket: Socket,
  event: Sockets["event"],
  stands: () => void,
  failed: (error: Error) => void,
): void {
  const closed = () => failed(new ConnectionError("it was closed before it stood"));
  socket.setNoDelay(true).setKeepAlive(true, PROBE_AFTER_MS);
  socket.once("error", failed);
  socket.once("close", closed);
  socket.once(event, () => {
    socket.off("error", failed);
    socket.off("close", closed);
    stands();
  });
}
