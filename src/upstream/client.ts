import { lookup as dnsLookup } from "node:dns";
import type { LookupFunction, Socket } from "node:net";
import type { buildConnector, Dispatcher } from "undici";
import type { Clock, Timer } from "../core/clock.ts";
import type { Failure } from "../core/failure.ts";
import type { Headers } from "../wire/format.ts";
import { CallTimers, type Expiry } from "./http/call-timers.ts";
import { type Connector, connectorFor, refusalOf } from "./http/connector.ts";
import { DecodedAnswer, type DecodedCall, encodingOf } from "./http/decoded-answer.ts";
import { failureOf, failureOfTimer, isBroken } from "./http/failure-of.ts";
import { sharedLookup } from "./http/shared-lookup.ts";
import { Client } from "./http/undici.ts";
import type { Provider } from "./provider.ts";
import type { Timeouts } from "./timeouts.ts";
import type { AnswerSink, CallTiming, UpstreamCall, UpstreamRequest } from "./transport.ts";
import { DIRECT, type Way } from "./way.ts";

/** Unused connections are closed after this. */
const KEEP_ALIVE_MS = 30_000;
const MAX_HEADERS = 500;
/** A connection that the provider closed while we wrote shows itself within a round trip or two. */
const RACE_MS = 2_000;
/** The end of a body comes with the last of the answer, or right behind it; some never send one. */
const END_MS = 1_000;

/**
 * Sends over connections that only http/connector.ts makes. `dispatch` with a handler object per request: `undici.request` costs 1.6 times and
 * `fetch` five times the CPU (docs/decisions). Redirects are never followed: they would carry keys to another origin.
 */
export class HttpClient {
  readonly #clock: Clock;
  readonly #lookup: LookupFunction;
  readonly #origins = new Map<string, Connections>();

  constructor(clock: Clock, lookup: LookupFunction = dnsLookup) {
    this.#clock = clock;
    this.#lookup = sharedLookup(lookup);
  }

  send(provider: Provider, request: UpstreamRequest, sink: AnswerSink): UpstreamCall {
    const { origin, way = DIRECT } = provider;
    // A proxy is told the whole address of what it is to ask for; what is to be secret goes through it unread.
    const relay = origin.startsWith("http:") ? way.proxy : undefined;
    const path = provider.basePath + request.path;
    const options: Dispatcher.DispatchOptions = {
      path: relay ? origin + path : path,
      method: request.method,
      headers: {
        ...request.headers,
        ...provider.headers,
        "accept-encoding": "identity",
        ...(relay?.authorization && { "proxy-authorization": relay.authorization }),
      },
      body: request.body ?? null,
    };
    return new HttpCall(
      this.#connections(origin, way),
      options,
      limitsOf(provider.timeout, request),
      sink,
      this.#clock,
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#origins.values()].map((connections) => connections.close()));
    this.#origins.clear();
  }

  #connections(origin: string, way: Way): Connections {
    const key = way === DIRECT ? origin : `${origin} ${way.key}`;
    let connections = this.#origins.get(key);
    if (!connections) {
      connections = new Connections(origin, way, this.#lookup);
      this.#origins.set(key, connections);
    }
    return connections;
  }
}

function limitsOf(timeout: Timeouts, { totalMs }: UpstreamRequest): Timeouts {
  if (totalMs === undefined || (timeout.total_ms > 0 && timeout.total_ms <= totalMs)) return timeout;
  return { ...timeout, total_ms: totalMs };
}

/**
 * The connections to one origin: one call on each at a time, as many as there are calls. Not undici's Pool, which does not tell
 * which connection a call got, nor whether it had served before.
 */
class Connections {
  readonly #origin: string;
  readonly #connect: Connector;
  /** Whoever answers may be it and not the provider. */
  readonly relay: string | undefined;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  #closed = false;

  constructor(origin: string, way: Way, lookup: LookupFunction) {
    this.#origin = origin;
    this.relay = origin.startsWith("http:") ? way.proxy?.origin : undefined;
    this.#connect = connectorFor(way, lookup);
  }

  /** The one used last, which is the one least likely to be closed meanwhile. */
  take(): Connection {
    return this.#idle.pop() ?? this.open();
  }

  open(): Connection {
    const connection = new Connection(this.#origin, this.#connect, (gone) => this.#remove(gone));
    this.#all.add(connection);
    return connection;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** One that was kept is closed: so will be those that were used before it. */
  closeKept(): void {
    for (const connection of [...this.#idle]) void connection.destroy();
  }

  /** Its call is over. One that was answered before it took all of the request is of no use to anybody. */
  giveBack(connection: Connection): void {
    if (connection.release()) this.#idle.push(connection);
    else queueMicrotask(() => void connection.destroy());
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#all].map((connection) => connection.destroy()));
  }

  #remove(connection: Connection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
  }
}

/** One connection, for one call after the other. */
class Connection {
  readonly #client: Client;
  readonly #gone: (connection: Connection) => void;
  #socket: Socket | undefined;
  #busy = false;
  /** It has served a call already. */
  used = false;

  constructor(origin: string, connect: Connector, gone: (connection: Connection) => void) {
    this.#gone = gone;
    this.#client = new Client(origin, {
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (options, callback) => {
        this.used = false;
        this.#socket = connect(options, (...made: Parameters<buildConnector.Callback>) => {
          // Through a proxy it is another one than at first.
          this.#socket = made[1] ?? this.#socket;
          callback(...made);
        });
      },
    });
    // With a call at hand undici connects anew.
    this.#client.on("disconnect", () => {
      if (!this.#busy) this.#gone(this);
    });
  }

  /** Throws on headers or paths undici will not send. */
  dispatch(options: Dispatcher.DispatchOptions, call: Dispatcher.DispatchHandler): void {
    this.#busy = true;
    this.#client.dispatch(options, call);
  }

  /** The answer is complete: true when another call may use it. */
  release(): boolean {
    this.#busy = false;
    this.used = true;
    return this.#socket !== undefined && !this.#socket.destroyed && this.#socket.writableLength === 0;
  }

  async destroy(): Promise<void> {
    this.#gone(this);
    const destroyed = this.#client.destroy();
    // undici does not close what is still being connected.
    this.#socket?.destroy();
    await destroyed;
  }
}

class HttpCall implements Dispatcher.DispatchHandler, DecodedCall, UpstreamCall {
  readonly #connections: Connections;
  readonly #options: Dispatcher.DispatchOptions;
  readonly #limits: Timeouts;
  readonly #sink: AnswerSink;
  readonly #clock: Clock;
  readonly #timers: CallTimers;
  readonly timing: CallTiming = {};
  readonly #startedMs: number;
  /** Undefined when the provider has said all: another call may have it by then. */
  #connection: Connection | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #decoded: DecodedAnswer | undefined;
  /** The connection was not made for this call. */
  #reused = false;
  /** Monotonic; undefined while connecting. */
  #sentMs: number | undefined;
  /** A byte of the answer came. */
  #answered = false;
  #over = false;
  #paused = false;
  /** Nobody listens any more; only the end of the body is waited for. */
  #isFinishing = false;
  #endTimer: Timer | undefined;

  constructor(
    connections: Connections,
    options: Dispatcher.DispatchOptions,
    limits: Timeouts,
    sink: AnswerSink,
    clock: Clock,
  ) {
    this.#connections = connections;
    this.#options = options;
    this.#limits = limits;
    this.#sink = sink;
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
    this.#timers = new CallTimers(clock, limits, (which) => this.#expire(which));
    this.#dispatch(connections.take());
  }

  #dispatch(connection: Connection): void {
    this.#connection = connection;
    this.#reused = connection.used;
    connection.dispatch(this.#options, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#reused = this.#connection?.used ?? false;
    this.#sentMs = this.#clock.nowMs();
    if (!this.#reused) this.timing.connectMs = this.#sentMs - this.#startedMs;
    this.#timers.sent();
  }

  onResponseStarted(): void {
    this.#answered = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (this.#over) return;
    if (status < 200) return; // informational
    const { relay } = this.#connections;
    if (status === 407 && relay !== undefined)
      return this.broken({ kind: "connect", message: `no connection: the proxy ${relay} ${refusalOf(status)}` });
    if (Array.isArray(controller.rawHeaders) && controller.rawHeaders.length > 2 * MAX_HEADERS)
      return this.broken({ kind: "malformed", message: `the answer has more than ${MAX_HEADERS} headers` });
    this.#timers.answering();
    this.timing.headMs = this.#clock.nowMs() - this.#startedMs;
    if (headers["content-encoding"] !== undefined) return this.#startDecoding(status, headers);
    this.#sink.onHead(status, headers);
    if (this.#paused) controller.pause();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    if (this.#decoded) this.#decoded.data(chunk);
    else if (this.#sink.onData(chunk)) this.#timers.fed();
  }

  onResponseEnd(): void {
    if (this.#over && !this.#isFinishing) return;
    this.#endTimer?.cancel();
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection) this.#connections.giveBack(connection);
    if (this.#over) return;
    if (this.#decoded) this.#decoded.end();
    else this.decodedEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#endTimer?.cancel();
    if (this.#over) return;
    if (!this.#mayRepeat(error)) return this.#failSoon(failureOf(error, this.#sentMs === undefined));
    void this.#connection?.destroy();
    this.#connections.closeKept();
    this.#controller = undefined;
    this.#sentMs = undefined;
    this.#timers.connecting();
    this.#dispatch(this.#connections.open());
  }

  abort(): void {
    if (!this.#close() && !this.#isFinishing) return;
    this.#endTimer?.cancel();
    void this.#connection?.destroy();
  }

  finish(): void {
    if (!this.#close() || !this.#connection) return;
    this.#isFinishing = true;
    this.#controller?.resume();
    // What came in the same packet is read before this runs: most calls take no timer.
    queueMicrotask(() => {
      const connection = this.#connection;
      if (connection) this.#endTimer = this.#clock.after(END_MS, () => void connection.destroy());
    });
  }

  pause(): void {
    if (this.#over) return;
    this.#paused = true;
    this.#timers.pause();
    if (this.#decoded) this.#decoded.pause();
    else if (this.#answered) this.#controller?.pause();
  }

  resume(): void {
    if (this.#over) return;
    this.#paused = false;
    this.#timers.resume();
    if (this.#decoded) this.#decoded.resume();
    else this.#controller?.resume();
  }

  hold(): void {
    this.#timers.pause();
    this.#controller?.pause();
  }

  release(): void {
    if (this.#over || !this.#connection) return;
    if (!this.#paused) this.#timers.resume();
    this.#controller?.resume();
  }

  decodedData(piece: Buffer): void {
    if (!this.#over && this.#sink.onData(piece)) this.#timers.fed();
  }

  decodedEnd(): void {
    if (this.#close()) this.#sink.onEnd();
  }

  broken(failure: Failure): void {
    if (!this.#close()) return;
    void this.#connection?.destroy();
    this.#sink.onFailure(failure);
  }

  #startDecoding(status: number, headers: Headers): void {
    const { "content-encoding": header, "content-length": _length, ...others } = headers;
    const encoding = encodingOf(String(header));
    if (encoding === null) {
      const message = `the answer is compressed in a way the router does not take (content-encoding: ${header})`;
      return this.broken({ kind: "malformed", message, upstreamStatus: status });
    }
    if (encoding !== undefined) this.#decoded = new DecodedAnswer(encoding, this);
    this.#sink.onHead(status, others);
    if (!this.#paused) return;
    if (this.#decoded) this.#decoded.pause();
    else this.#controller?.pause();
  }

  /**
   * The provider closed a connection it had kept open just when we used it: nothing was answered, and it is no attempt. Not
   * when the answer was long in coming: by then the request may well have been at work.
   */
  #mayRepeat(error: Error): boolean {
    if (!this.#reused || this.#answered || this.#connections.isClosed) return false;
    if (this.#sentMs === undefined) return true;
    return isBroken(error) && this.#clock.nowMs() - this.#sentMs < RACE_MS;
  }

  /** undici tells some errors while it is still being called, and nobody has the call yet. */
  #failSoon(failure: Failure): void {
    if (this.#controller) this.broken(failure);
    else queueMicrotask(() => this.broken(failure));
  }

  #expire(which: Expiry): void {
    this.broken(failureOfTimer(which, this.#limits));
  }

  #close(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#timers.stop();
    this.#decoded?.destroy();
    return true;
  }
}
