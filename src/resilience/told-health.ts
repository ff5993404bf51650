import type { BreakerConfig } from "../config/config.ts";
import type { Clock } from "../core/clock.ts";
import type { Failure } from "../core/failure.ts";
import { Health, type HealthChange } from "./health.ts";

/** What became of a request, as another process is told it. `request`: a number that stands for it in both calls. */
export type HealthTold =
  | { what: "sent" | "succeeded" | "cancelled"; provider: string; model: string; request: number; turned: boolean }
  | { what: "failed"; provider: string; model: string; failure: Failure; request: number; turned: boolean };

/**
 * The health of targets in one of several processes: it goes by what its own requests met at once, and by what the process that
 * knows all requests decides, a moment later (`adopt`). `turned`: it took a target for open, tried again or well by itself, which
 * the other may see otherwise.
 */
export class ToldHealth extends Health {
  readonly #tell: (told: HealthTold) => void;
  readonly #turn: { turned: boolean };
  readonly #numbers = new WeakMap<object, number>();
  /** Those that were sent and are not over. */
  readonly #requests = new Map<number, object>();
  #last = 0;

  constructor(config: BreakerConfig, clock: Clock, tell: (told: HealthTold) => void) {
    const turn = { turned: false };
    super(config, clock, (change: HealthChange) => {
      if (change.alarm === null) turn.turned = true;
    });
    this.#turn = turn;
    this.#tell = tell;
  }

  /** The request of this number, while it is under way. */
  request(number: number): object | undefined {
    return this.#requests.get(number);
  }

  override sent(provider: string, model: string, request: object = {}): void {
    this.#last++;
    this.#numbers.set(request, this.#last);
    this.#requests.set(this.#last, request);
    super.sent(provider, model, request);
    this.#tell({ what: "sent", provider, model, request: this.#last, turned: this.#turns() });
  }

  override succeeded(provider: string, model: string, request?: object): void {
    super.succeeded(provider, model, request);
    this.#tell({ what: "succeeded", provider, model, request: this.#over(request), turned: this.#turns() });
  }

  override failed(provider: string, model: string, failure: Failure, request?: object): void {
    if (failure.kind === "busy" || failure.kind === "client-gone") return this.cancelled(provider, model, request);
    super.failed(provider, model, failure, request);
    this.#tell({ what: "failed", provider, model, failure, request: this.#over(request), turned: this.#turns() });
  }

  override cancelled(provider: string, model: string, request?: object): void {
    super.cancelled(provider, model, request);
    this.#tell({ what: "cancelled", provider, model, request: this.#over(request), turned: this.#turns() });
  }

  /** 0: nobody knows it. */
  #over(request: object | undefined): number {
    const number = request === undefined ? 0 : (this.#numbers.get(request) ?? 0);
    this.#requests.delete(number);
    return number;
  }

  #turns(): boolean {
    const { turned } = this.#turn;
    this.#turn.turned = false;
    return turned;
  }
}
