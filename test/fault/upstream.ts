import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { httpAnswer } from "../support/tcp-upstream.ts";
import { UPSTREAM_FORMATS, type UpstreamFormat } from "../support/upstream/answer.ts";
import { addressOf, chatDialect } from "../support/upstream/upstream.ts";
import { Call, type Part, type Place } from "./call.ts";

/** What a target does with the requests for one model. */
export interface Script {
  play: Part;
  /** It begins as soon as it knows what is asked, before the request is all there. */
  early?: boolean;
}

export interface ServerOptions {
  /** Speak TLS with this certificate. */
  tls?: { key: string; cert: string };
}

const TLS_HANDSHAKE = 0x16;
const HEAD_END = "\r\n\r\n";
const MODEL = /"model":"([^"]+)"/;
const PATH = /^\/(one|two)\/([\w-]+)(\/[^?]*)/;

/**
 * A provider of every format made of nothing but TCP. A model's name says which script a request meets, the path which of
 * the script's targets it reached and which API it speaks. Knows the truth: what was asked, of whom, when, on which
 * connection, what it sent, and whether the other side let go.
 */
export class FaultUpstream {
  /** Every request of a prompt, in order of arrival. */
  readonly calls: Call[] = [];
  /** Whatever else came: requests nobody wrote a script for, bytes that are no request. */
  readonly strays: string[] = [];
  readonly sockets = new Set<Socket>();
  #server: Server;
  #origin = "";
  #connected = false;
  readonly #scripts = new Map<string, Script>();
  readonly #callsOf = new Map<string, Call[]>();

  private constructor(options: ServerOptions) {
    const accept = (socket: Socket) => this.#accept(socket);
    this.#server = options.tls ? createTlsServer(options.tls, accept) : createServer({ noDelay: true }, accept);
    // A router that refuses the certificate is what this is for.
    this.#server.on("tlsClientError", () => undefined);
  }

  static async start(options: ServerOptions = {}): Promise<FaultUpstream> {
    const upstream = new FaultUpstream(options);
    upstream.#server.listen(0, "127.0.0.1");
    await once(upstream.#server, "listening");
    const { port } = addressOf(upstream.#server.address());
    upstream.#origin = `${options.tls ? "https" : "http"}://127.0.0.1:${port}`;
    return upstream;
  }

  /** Anybody ever connected. */
  get everAsked(): boolean {
    return this.#connected;
  }

  get origin(): string {
    return this.#origin;
  }

  /** What goes into `base_url`. */
  base(place: Place, format: UpstreamFormat): string {
    return `${this.#origin}/${place}/${format}${chatDialect(format).base}`;
  }

  script(model: string, place: Place, script: Script): void {
    this.#scripts.set(`${place} ${model}`, script);
  }

  /** What was asked for this model, at one of its targets or at both. */
  asked(model: string, place?: Place): Call[] {
    const calls = this.#callsOf.get(model) ?? [];
    return place === undefined ? calls : calls.filter((call) => call.place === place);
  }

  /**
   * The same without those the router may send once more: a kept connection that is closed without a word looks as if that had
   * crossed the request.
   */
  attempts(model: string, place: Place): Call[] {
    return this.asked(model, place).filter((call) => !(call.reused && call.isOver && call.sent === 0));
  }

  /** Requests whose answer is not over, and whose connection is still open. */
  get open(): Call[] {
    return this.calls.filter((call) => call.isOpen);
  }

  forget(model: string): void {
    for (const place of ["one", "two"]) this.#scripts.delete(`${place} ${model}`);
    for (const call of this.asked(model)) this.calls.splice(this.calls.indexOf(call), 1);
    this.#callsOf.delete(model);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(socket: Socket): void {
    this.#connected = true;
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    // A connection the router breaks is no concern of the server's.
    socket.on("error", () => socket.destroy());
    new Connection(socket, this.strays, (call) => this.#arrived(call));
  }

  /** Plays when it is time, once. */
  #arrived(call: Call): boolean {
    const script = this.#scripts.get(`${call.place} ${call.model}`);
    if (!script) {
      if (call.complete) this.strays.push(`no script for ${call.place} ${call.model}`);
      return false;
    }
    if (!call.complete && !script.early) return false;
    this.calls.push(call);
    this.#callsOf.set(call.model, [...this.asked(call.model), call]);
    call.play(script.play);
    return true;
  }
}

/** The requests of one connection, one after the other. */
class Connection {
  readonly #socket: Socket;
  readonly #strays: string[];
  readonly #arrived: (call: Call) => boolean;
  #bytes: Buffer = Buffer.alloc(0);
  /** Whose body is coming, and how long it is with its head. */
  #coming: { call: Call | undefined; head: string[]; from: number; to: number; told: boolean } | undefined;
  #requests = 0;
  #last: Call | undefined;

  constructor(socket: Socket, strays: string[], arrived: (call: Call) => boolean) {
    this.#socket = socket;
    this.#strays = strays;
    this.#arrived = arrived;
    socket.on("data", (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      while (this.#step());
    });
    socket.on("close", () => (this.#coming?.call ?? this.#last)?.gone());
  }

  /** True when a whole request was taken. */
  #step(): boolean {
    // A server without TLS is told of a handshake what every HTTP server tells of it.
    if (this.#bytes[0] === TLS_HANDSHAKE) this.#socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
    this.#coming ??= this.#readHead();
    const coming = this.#coming;
    if (!coming) return false;
    const { head, from, to } = coming;
    const body = this.#bytes.subarray(from, to);
    coming.call ??= this.#callOf(head, body);
    const { call } = coming;
    if (call) {
      call.received(body, this.#bytes.length >= to);
      if (!coming.told) coming.told = this.#arrived(call);
    }
    if (this.#bytes.length < to) return false;
    this.#coming = undefined;
    this.#bytes = this.#bytes.subarray(to);
    if (call) this.#last = call;
    else {
      this.#requests++;
      this.#socket.write(httpAnswer(404, "application/json", "{}"));
    }
    return true;
  }

  #readHead() {
    const end = this.#bytes.indexOf(HEAD_END);
    if (end === -1) return undefined;
    const head = this.#bytes.toString("latin1", 0, end).split("\r\n");
    const length = head.map((line) => /^content-length: *(\d+)$/i.exec(line)?.[1]).find((value) => value !== undefined);
    const from = end + HEAD_END.length;
    if (this.#last && !this.#last.isOver) this.#strays.push(`a request behind an unfinished one: ${head[0]}`);
    return { call: undefined, head, from, to: from + Number(length ?? 0), told: false };
  }

  /** Undefined: no prompt, or not known yet for which model. */
  #callOf(head: string[], body: Buffer): Call | undefined {
    const [, method, target = ""] = /^(\S+) (\S+)/.exec(head[0] ?? "") ?? [];
    const [, place, name, path = ""] = PATH.exec(target) ?? [];
    const format = UPSTREAM_FORMATS.find((one) => one === name);
    if (method !== "POST" || !format || (place !== "one" && place !== "two")) return undefined;
    const dialect = chatDialect(format);
    const asks = dialect.asks?.(path.slice(dialect.base.length));
    const model = asks?.model ?? MODEL.exec(body.toString("utf8"))?.[1];
    if (model === undefined) return undefined;
    const reused = this.#requests++ > 0;
    return new Call(this.#socket, { place, format, model, head, reused, ...(asks && { stream: asks.stream }) });
  }
}
