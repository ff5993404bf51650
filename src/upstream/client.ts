import { lookup as dnsLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import type { Clock, Timer } from "../core/clock.ts";
import type { Failure } from "../core/failure.ts";
import type { Headers } from "../wire/format.ts";
import { HeadReader } from "./http/answer-head.ts";
import { CallTimers, type Expiry, type TimedCall } from "./http/call-timers.ts";
import { type Caller, Connection } from "./http/connection.ts";
import { type Connector, connectorFor } from "./http/connector.ts";
import { DecodedAnswer, type DecodedCall, encodingOf } from "./http/decoded-answer.ts";
import { failureOf, failureOfTimer, isBroken } from "./http/failure-of.ts";
import { refusalOf } from "./http/proxy-error.ts";
import { headerLine, type RequestBytes, requestBytes } from "./http/request-bytes.ts";
import { sharedLookup } from "./http/shared-lookup.ts";
import type { Common } from "./http/sockets.ts";
import { Turns } from "./http/turns.ts";
import type { Provider } from "./provider.ts";
import type { Timeouts } from "./timeouts.ts";
import type { AnswerSink, CallTiming, UpstreamCall, UpstreamRequest } from "./transport.ts";
import { DIRECT, type Way } from "./way.ts";

/** At once from one connection: as much as Node reads. */
const READ_BYTES = 64 * 1024;
/** A connection that the provider closed while we wrote shows itself within a round trip or two. */
const RACE_MS = 2_000;
/** The end of a body comes with the last of the answer, or right behind it; some never send one. */
const END_MS = 1_000;

/** Sends over connections that only http/sockets.ts makes. Redirects are never followed: they would carry keys to another origin. */
export class HttpClient {
  readonly #clock: Clock;
  readonly #common: Common;
  readonly #turns = new Turns();
  readonly #origins = new Map<string, Connections>();
  readonly #ownLines = new WeakMap<Provider, OwnLines>();

  constructor(clock: Clock, lookup: LookupFunction = dnsLookup) {
    this.#clock = clock;
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    this.#common = { lookup: sharedLookup(lookup), buffer, heads: new HeadReader() };
  }

  send(provider: Provider, request: UpstreamRequest, sink: AnswerSink): UpstreamCall {
    const { origin, way = DIRECT } = provider;
    const limits = limitsOf(provider.timeout, request);
    const call = new HttpCall(this.#connections(origin, way), limits, sink, this.#clock);
    try {
      call.start(this.#requestBytes(provider, way, request));
    } catch (error) {
      call.failSoon(failureOf(error, true));
    }
    return call;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#origins.values()].map((connections) => connections.close()));
    this.#origins.clear();
  }

  #connections(origin: string, way: Way): Connections {
    const key = way === DIRECT ? origin : `${origin} ${way.key}`;
    let connections = this.#origins.get(key);
    if (!connections) {
      connections = new Connections(origin, way, this.#common, this.#turns);
      this.#origins.set(key, connections);
    }
    return connections;
  }

  #requestBytes(provider: Provider, way: Way, { method, path, headers, body }: UpstreamRequest): RequestBytes {
    let own = this.#ownLines.get(provider);
    if (!own) {
      own = ownLinesOf(provider, way);
      this.#ownLines.set(provider, own);
    }
    let { lines } = own;
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined && !own.names.has(name)) lines += headerLine(name, value);
    }
    return requestBytes(method, own.base + path, lines, body);
  }
}

/** What all requests to a provider have in common. */
interface OwnLines {
  /** In front of their paths. */
  readonly base: string;
  readonly lines: string;
  /** Of the headers in them, which nobody else sets. */
  readonly names: ReadonlySet<string>;
}

function ownLinesOf({ origin, basePath, headers }: Provider, way: Way): OwnLines {
  // A proxy is told the whole address of what it is to ask for; what is to be secret goes through it unread.
  const relay = origin.startsWith("http:") ? way.proxy : undefined;
  const all = {
    host: new URL(origin).host,
    connection: "keep-alive",
    ...headers,
    "accept-encoding": "identity",
    ...(relay?.authorization && { "proxy-authorization": relay.authorization }),
  };
  const lines = Object.entries(all).map(([name, value]) => headerLine(name, value));
  return { base: relay ? origin + basePath : basePath, lines: lines.join(""), names: new Set(Object.keys(all)) };
}

function limitsOf(timeout: Timeouts, { totalMs }: UpstreamRequest): Timeouts {
  if (totalMs === undefined || (timeout.total_ms > 0 && timeout.total_ms <= totalMs)) return timeout;
  return { ...timeout, total_ms: totalMs };
}

/** The connections to one origin: one call on each at a time, as many as there are calls. */
class Connections {
  readonly #connect: Connector;
  readonly #common: Common;
  readonly #turns: Turns;
  /** Whoever answers may be it and not the provider. */
  readonly relay: string | undefined;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  #closed = false;

  constructor(origin: string, way: Way, common: Common, turns: Turns) {
    this.relay = origin.startsWith("http:") ? way.proxy?.origin : undefined;
    this.#connect = connectorFor(origin, way, common);
    this.#common = common;
    this.#turns = turns;
  }

  /** The one used last, which is the one least likely to be closed meanwhile. */
  take(): Connection {
    return this.#idle.pop() ?? this.open();
  }

  open(): Connection {
    const connection = new Connection(this.#connect, this.#common.heads, this.#turns, (gone) => this.#remove(gone));
    this.#all.add(connection);
    return connection;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** One that was kept is closed: so will be those that were used before it. */
  closeKept(): void {
    for (const connection of [...this.#idle]) connection.destroy();
  }

  /** Its call is over. One that was answered before it took all of the request is of no use to anybody. */
  giveBack(connection: Connection): void {
    if (connection.release()) this.#idle.push(connection);
    else connection.destroy();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#all].map((connection) => connection.closed()));
  }

  #remove(connection: Connection): void {
    this.#all.delete(connection);
    const at = this.#idle.lastIndexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
  }
}

class HttpCall implements Caller, DecodedCall, TimedCall, UpstreamCall {
  readonly #connections: Connections;
  readonly #limits: Timeouts;
  readonly #sink: AnswerSink;
  readonly #clock: Clock;
  readonly #timers: CallTimers;
  readonly timing: CallTiming = {};
  readonly #startedMs: number;
  /** Undefined when the provider has said all: another call may have it by then. */
  #connection: Connection | undefined;
  #request: RequestBytes | undefined;
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

  constructor(connections: Connections, limits: Timeouts, sink: AnswerSink, clock: Clock) {
    this.#connections = connections;
    this.#limits = limits;
    this.#sink = sink;
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
    this.#timers = new CallTimers(clock, limits, this, this.#startedMs);
  }

  start(request: RequestBytes): void {
    this.#request = request;
    this.#send(request, this.#connections.take());
  }

  /** Nobody has the call yet. */
  failSoon(failure: Failure): void {
    queueMicrotask(() => this.broken(failure));
  }

  #send(request: RequestBytes, connection: Connection): void {
    this.#connection = connection;
    this.#reused = connection.used;
    connection.send(request, this);
  }

  onSent(): void {
    const nowMs = this.#clock.nowMs();
    this.#sentMs = nowMs;
    if (!this.#reused) this.timing.connectMs = nowMs - this.#startedMs;
    this.#timers.sent(nowMs);
  }

  onAnswering(): void {
    this.#answered = true;
    // It goes out once more only where nothing came.
    this.#request = undefined;
  }

  onHead(status: number, headers: Headers): void {
    if (this.#over) return;
    const { relay } = this.#connections;
    if (status === 407 && relay !== undefined)
      return this.broken({ kind: "connect", message: `no connection: the proxy ${relay} ${refusalOf(status)}` });
    const nowMs = this.#clock.nowMs();
    this.#timers.answering(nowMs);
    this.timing.headMs = nowMs - this.#startedMs;
    if (headers["content-encoding"] !== undefined) return this.#startDecoding(status, headers);
    this.#sink.onHead(status, headers);
    if (this.#paused) this.#connection?.pause();
  }

  onData(chunk: Buffer): void {
    if (this.#over) return;
    if (this.#decoded) this.#decoded.data(chunk);
    else if (this.#sink.onData(chunk)) this.#timers.fed();
  }

  onEnd(): void {
    if (this.#over && !this.#isFinishing) return;
    this.#endTimer?.cancel();
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection) this.#connections.giveBack(connection);
    if (this.#over) return;
    if (this.#decoded) this.#decoded.end();
    else this.decodedEnd();
  }

  onBroken(error: Error): void {
    this.#endTimer?.cancel();
    if (this.#over) return;
    const request = this.#request;
    if (request === undefined || !this.#mayRepeat(error))
      return this.broken(failureOf(error, this.#sentMs === undefined));
    this.#connections.closeKept();
    this.#sentMs = undefined;
    this.#timers.connecting(this.#clock.nowMs());
    this.#send(request, this.#connections.open());
  }

  abort(): void {
    if (!this.#close() && !this.#isFinishing) return;
    this.#endTimer?.cancel();
    this.#connection?.destroy();
  }

  finish(): void {
    if (!this.#close() || !this.#connection) return;
    this.#isFinishing = true;
    this.#connection.resume();
    // What came in the same packet is read before this runs: most calls take no timer.
    queueMicrotask(() => {
      const connection = this.#connection;
      if (connection) this.#endTimer = this.#clock.after(END_MS, () => connection.destroy());
    });
  }

  pause(): void {
    if (this.#over) return;
    this.#paused = true;
    this.#timers.pause();
    if (this.#decoded) this.#decoded.pause();
    else if (this.#answered) this.#connection?.pause();
  }

  resume(): void {
    if (this.#over) return;
    this.#paused = false;
    this.#timers.resume();
    if (this.#decoded) this.#decoded.resume();
    else this.#connection?.resume();
  }

  hold(): void {
    this.#timers.pause();
    this.#connection?.pause();
  }

  release(): void {
    if (this.#over || !this.#connection) return;
    if (!this.#paused) this.#timers.resume();
    this.#connection?.resume();
  }

  decodedData(piece: Buffer): void {
    if (!this.#over && this.#sink.onData(piece)) this.#timers.fed();
  }

  decodedEnd(): void {
    if (this.#close()) this.#sink.onEnd();
  }

  broken(failure: Failure): void {
    if (!this.#close()) return;
    this.#connection?.destroy();
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
    else this.#connection?.pause();
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

  expired(which: Expiry): void {
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
