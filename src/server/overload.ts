import { getHeapStatistics } from "node:v8";
import type { OverloadConfig } from "../config/config.ts";
import { shownHeaders } from "../core/answer-headers.ts";
import type { ClientResponse } from "../core/client-call.ts";
import type { Clock, Timer } from "../core/clock.ts";
import { ROUTER_ERRORS, RouterError } from "../core/errors.ts";
import type { ClientHalf } from "../wire/format.ts";
import type { Endpoint } from "./call.ts";

const SAMPLE_MS = 100;
/** SDKs obey both: they come again by themselves, and not at once. */
const COME_AGAIN = ["retry-after", "1", "x-should-retry", "true"];

/** Share of the heap V8 may have that is in use. */
export function heapShare(): number {
  const { used_heap_size, heap_size_limit } = getHeapStatistics();
  return used_heap_size / heap_size_limit;
}

/** Whether the router has as much to do as it can. Sampled ten times a second, so that asking costs next to nothing. */
export class Overload {
  #config: OverloadConfig;
  readonly #clock: Clock;
  readonly #heapShare: () => number;
  #timer: Timer | undefined;
  #sampledMs = 0;
  #wasLate = false;
  #strained: string | undefined;
  /** Requests that were refused, since the start. */
  refused = 0;
  /** Told how late each sample was, ms. */
  sampled: ((lateMs: number) => void) | undefined;

  constructor(config: OverloadConfig, clock: Clock, heap: () => number = heapShare) {
    this.#config = config;
    this.#clock = clock;
    this.#heapShare = heap;
  }

  configure(config: OverloadConfig): void {
    this.#config = config;
  }

  /** Samples until `stop`. */
  start(): void {
    this.#sampledMs = this.#clock.nowMs();
    this.#timer = this.#clock.after(SAMPLE_MS, () => this.#sample());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Why nothing more can be taken on; undefined when it can. */
  reason(inFlight: number): string | undefined {
    const { max_in_flight } = this.#config;
    if (max_in_flight > 0 && inFlight >= max_in_flight)
      return `${max_in_flight} requests are under way ([overload] max_in_flight)`;
    return this.#strained;
  }

  /** The endpoint, but for the time of overload: then the refusal goes out before the body is looked at. */
  guarded(client: ClientHalf, endpoint: Endpoint, inFlight: () => number): Endpoint {
    const refusal = new Refusal(client);
    return (call) => {
      const reason = this.reason(inFlight());
      if (reason === undefined) return endpoint(call);
      this.refused++;
      refusal.send(call.res, reason);
    };
  }

  #sample(): void {
    const { max_delay_ms, max_heap_share } = this.#config;
    const nowMs = this.#clock.nowMs();
    const lateMs = nowMs - this.#sampledMs - SAMPLE_MS;
    this.sampled?.(lateMs);
    const isLate = max_delay_ms > 0 && lateMs > max_delay_ms;
    // One pause to collect garbage makes one sample late; one on time says that it is over.
    if (isLate && this.#wasLate) this.#strained = "its event loop is late ([overload] max_delay_ms)";
    else if (this.#heapShare() > max_heap_share) this.#strained = "its memory is full ([overload] max_heap_share)";
    else this.#strained = undefined;
    this.#wasLate = isLate;
    this.start();
  }
}

/** Written once for thousands of clients: each refusal takes from the time there is for those that are served. */
class Refusal {
  readonly #client: ClientHalf;
  #reason: string | undefined;
  #body = "";
  #headers: string[] = [];

  constructor(client: ClientHalf) {
    this.#client = client;
  }

  send(res: ClientResponse, reason: string): void {
    if (reason !== this.#reason) this.#write(reason);
    res.writeHead(ROUTER_ERRORS.overloaded.status, [...this.#headers, ...shownHeaders(res)]);
    res.end(this.#body);
  }

  #write(reason: string): void {
    const { status, code, message } = new RouterError("overloaded", `the router is overloaded: ${reason}`);
    this.#reason = reason;
    this.#body = JSON.stringify(this.#client.writeError({ status, code, message, own: true }));
    const length = String(Buffer.byteLength(this.#body));
    this.#headers = ["content-type", "application/json", "content-length", length, ...COME_AGAIN];
  }
}
