import type { Clock, Random } from "../core/clock.ts";
import type { Failure } from "../core/failure.ts";
import { HttpClient } from "./client.ts";
import { type JsonAnswer, JsonSink } from "./json-sink.ts";
import type { Provider } from "./provider.ts";
import { SimulatedServer } from "./simulated/server.ts";
import type { AnswerSink, UpstreamCall, UpstreamRequest } from "./transport.ts";
import { WebClient } from "./web/web-client.ts";

export interface JsonRequest {
  method: "GET" | "POST" | "DELETE";
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  /** 0: no limit of its own. */
  timeoutMs: number;
  /** As in `UpstreamRequest`. */
  totalMs?: number;
  /** Aborting it closes the connection. */
  signal?: AbortSignal;
}

/** Why there was no answer to a small request. */
export class JsonFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Sends to any provider: over HTTP, or to the built-in simulated one. */
export class Transports {
  readonly #clock: Clock;
  readonly #http: HttpClient;
  readonly #simulated: SimulatedServer;
  /** To what is no provider. */
  readonly web: WebClient;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#http = new HttpClient(clock);
    this.web = new WebClient(clock);
    this.#simulated = new SimulatedServer({ clock, random });
  }

  send(provider: Provider, request: UpstreamRequest, sink: AnswerSink): UpstreamCall {
    if (provider.half.dialect === "simulated") return this.#simulated.send(provider, request, sink);
    return this.#http.send(provider, request, sink);
  }

  /** Small requests that are no prompt: model lists, token counts, embeddings. Rejects with a `JsonFailure`. */
  requestJson(provider: Provider, request: JsonRequest): Promise<JsonAnswer> {
    const { timeoutMs, headers, signal, ...rest } = request;
    return new Promise((resolve, reject) => {
      const giveUp = (failure: Failure) => {
        over();
        call.abort();
        reject(new JsonFailure(failure));
      };
      const gone = () => giveUp({ kind: "client-gone", message: "nobody waits for the answer any more" });
      const late = () => giveUp({ kind: "timeout", message: `no answer within ${timeoutMs} ms` });
      const timer = timeoutMs > 0 ? this.#clock.after(timeoutMs, late) : undefined;
      signal?.addEventListener("abort", gone);
      const over = () => {
        timer?.cancel();
        signal?.removeEventListener("abort", gone);
      };
      const sink = new JsonSink((answer) => {
        over();
        resolve(answer);
      }, giveUp);
      const type: Record<string, string> = rest.body === undefined ? {} : { "content-type": "application/json" };
      const call = this.send(provider, { ...rest, headers: { ...type, ...headers } }, sink);
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#http.close(), this.web.close()]);
  }
}
