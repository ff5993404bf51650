import type { BreakerConfig } from "../config/config.ts";
import type { Clock } from "../core/clock.ts";
import type { Failure } from "../core/failure.ts";
import { Passages, type Placed } from "../core/passages.ts";
import { Health, type HealthChange } from "./health.ts";

/** What became of a request, as another process is told it. `request`: a number that stands for it in both calls. */
export type HealthTold =
  | { what: "sent" | "succeeded" | "cancelled"; provider: string; model: string; request: number; turned: boolean }
  | { what: "failed"; provider: string; model: string; failure: Failure; request: number; turned: boolean };

/** A request under way, and the number that stands for it. */
interface Sent extends Placed {
  readonly number: number;
  readonly request: object;
}

/**
 * The health of targets in one of several processes: it goes by what its own requests met at once, and by what the process that
 * knows all requests decides, a moment later (`adopt`). `turned`: it took a target for open, tried again or well by itself, which
 * the other may see otherwise.
 */
export class ToldHealth extends Health {
  readonly #tell: (told: HealthTold) => void;
  readonly #turn: { turned: boolean };
  /** Those that are not over. Not by request in a `WeakMap`: one that changes all the time keeps requests alive as a `Map` does. */
  readonly #underway = new Passages<Sent>();
  #last = 0;

  constructor(config: BreakerConfig, clock: Clock, tell: (told: HealthTold) => void) {
    const turn = { turned: false };
    super(config, clock, (change: HealthChange) => {
      if (change.alarm === null) turn.turned = true;
    });
    this.#turn = turn;
    this.#tell = tell;
  }

  /** The request of this number, while it is under way. Looks through all of them: asked for when a breaker opens or closes. */
  request(number: number): object | undefined {
    return this.#underway.find((sent) => sent.number === number)?.request;
  }

  override sent(provider: string, model: string, request: object = {}): void {
    this.#last++;
    this.#underway.add({ place: 0, number: this.#last, request });
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
    const sent = request && this.#underway.find((one) => one.request === request);
    if (!sent) return 0;
    this.#underway.delete(sent);
    return sent.number;
  }

  #turns(): boolean {
    const { turned } = this.#turn;
    this.#turn.turned = false;
    return turned;
  }
}
