import { type Dispatcher, errors, Pool } from "undici";
import type { Failure } from "../core/failure.ts";
import type { Headers } from "../wire/format.ts";
import type { Provider } from "./provider.ts";
import type { AnswerSink, UpstreamCall, UpstreamRequest } from "./transport.ts";

/**
 * The only file that opens connections. `dispatch` with a handler object per request: `undici.request` costs 1.6 times and
 * `fetch` five times the CPU (docs/decisions). Redirects are never followed: they would carry keys to another origin.
 */
export class HttpClient {
  readonly #pools = new Map<string, Pool>();

  send(provider: Provider, request: UpstreamRequest, sink: AnswerSink): UpstreamCall {
    const call = new HttpCall(provider, sink);
    const pool = this.#pool(provider);
    try {
      pool.dispatch(
        {
          path: provider.basePath + request.path,
          method: request.method,
          headers: { ...request.headers, ...provider.headers, "accept-encoding": "identity" },
          body: request.body ?? null,
          headersTimeout: provider.timeout.first_byte_ms,
          bodyTimeout: provider.timeout.idle_ms,
        },
        call,
      );
    } catch (error) {
      // undici throws on headers or paths it will not send.
      queueMicrotask(() => call.fail(failureOf(error)));
    }
    return call;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
    this.#pools.clear();
  }

  #pool(provider: Provider): Pool {
    // Per provider, not per origin: two providers of one origin may differ in their connect timer.
    // After a reload a provider of the same name may be elsewhere.
    const key = `${provider.name} ${provider.origin} ${provider.timeout.connect_ms}`;
    let pool = this.#pools.get(key);
    if (!pool) {
      pool = new Pool(provider.origin, {
        connections: null,
        pipelining: 1,
        allowH2: false,
        connect: { timeout: provider.timeout.connect_ms },
        keepAliveTimeout: 30_000,
      });
      this.#pools.set(key, pool);
    }
    return pool;
  }
}

class HttpCall implements Dispatcher.DispatchHandler, UpstreamCall {
  readonly #sink: AnswerSink;
  #controller: Dispatcher.DispatchController | undefined;
  #totalTimer: NodeJS.Timeout | undefined;
  #over = false;
  #paused = false;

  constructor(provider: Provider, sink: AnswerSink) {
    this.#sink = sink;
    const total = provider.timeout.total_ms;
    if (total > 0) {
      this.#totalTimer = setTimeout(() => {
        this.fail({ kind: "timeout", message: `the whole answer took longer than ${total} ms` });
        this.#controller?.abort(new Error("total timeout"));
      }, total);
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(new Error("aborted"));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (this.#over) return;
    if (status < 200) return; // informational
    this.#sink.onHead(status, headers);
    if (this.#paused) controller.pause();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#over) this.#sink.onData(chunk);
  }

  onResponseEnd(): void {
    if (this.#close()) this.#sink.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(failureOf(error));
  }

  fail(failure: Failure): void {
    if (this.#close()) this.#sink.onFailure(failure);
  }

  abort(): void {
    if (this.#close()) this.#controller?.abort(new Error("aborted"));
  }

  pause(): void {
    this.#paused = true;
    this.#controller?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#controller?.resume();
  }

  #close(): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#totalTimer);
    return true;
  }
}

/** What a connection error means. Node's and undici's codes: https://nodejs.org/api/errors.html, undici docs/api/Errors.md. */
function failureOf(error: unknown): Failure {
  const code = codeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  switch (code) {
    case "UND_ERR_CONNECT_TIMEOUT":
      return { kind: "connect", message: "no connection within the connect timeout", code };
    case "UND_ERR_HEADERS_TIMEOUT":
      return { kind: "timeout", message: "no first byte within timeout.first_byte_ms", code };
    case "UND_ERR_BODY_TIMEOUT":
      return { kind: "timeout", message: "the answer stalled for longer than timeout.idle_ms", code };
    case "UND_ERR_SOCKET":
    case "UND_ERR_RES_CONTENT_LENGTH_MISMATCH":
    case "UND_ERR_DESTROYED":
    case "ECONNRESET":
    case "EPIPE":
      return { kind: "cut", message: `the connection broke: ${text}`, code };
    case "UND_ERR_HEADERS_OVERFLOW":
      return { kind: "malformed", message: `the answer is not HTTP as it should be: ${text}`, code };
  }
  // Its code is llhttp's own, or none at all.
  if (error instanceof errors.HTTPParserError) return { kind: "malformed", message: `the answer is not HTTP: ${text}` };
  return { kind: "connect", message: `no connection: ${text}`, ...(code !== undefined && { code }) };
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
