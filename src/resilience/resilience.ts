import type { Config } from "../config/config.ts";
import type { Clock } from "../core/clock.ts";
import { ErrorRates } from "./error-rates.ts";
import { Health, type HealthChange } from "./health.ts";
import { Latencies } from "./latencies.ts";
import { Limiter } from "./limiter.ts";
import { RetryBudget } from "./retry-budget.ts";
import { Speeds } from "./speeds.ts";
import { Typicals } from "./typical.ts";

/** What is known of targets and of the load on them while the router runs; it outlives the config it began with. */
export class Resilience {
  readonly health: Health;
  readonly latencies: Latencies;
  readonly speeds: Speeds;
  /** For rules: ms to the first token of streams, ms of whole answers, output tokens per second. */
  readonly typical: { readonly firstToken: Typicals; readonly whole: Typicals; readonly speed: Typicals };
  /** Tokens of answers, by the model the client asked for, whoever answered: the provider is always "". */
  readonly answers: Typicals;
  readonly errors: ErrorRates;
  readonly limiter: Limiter;
  /** For further attempts after failures. */
  readonly budget: RetryBudget;
  /** For second attempts beside slow ones. */
  readonly hedges: RetryBudget;

  constructor(
    { breaker, failover, providers }: Pick<Config, "breaker" | "failover" | "providers">,
    clock: Clock,
    changed: (change: HealthChange) => void,
    shared: { health?: Health; limiter?: Limiter } = {},
  ) {
    this.health = shared.health ?? new Health(breaker, clock, changed);
    this.latencies = new Latencies(clock);
    this.speeds = new Speeds(clock);
    this.typical = { firstToken: new Typicals(clock), whole: new Typicals(clock), speed: new Typicals(clock) };
    this.answers = new Typicals(clock);
    this.errors = new ErrorRates(clock);
    this.limiter = shared.limiter ?? new Limiter(clock);
    this.limiter.configure(providers);
    this.budget = new RetryBudget(clock, { share: failover.retry_share });
    this.hedges = new RetryBudget(clock, { share: failover.hedge_share, reserve: 1 });
  }

  /** Forgets all that is known of other providers. */
  keep(providers: ReadonlySet<string>): void {
    this.health.keep(providers);
    this.latencies.keep(providers);
    this.speeds.keep(providers);
    for (const typicals of Object.values(this.typical)) typicals.keep(providers);
    this.errors.keep(providers);
    this.limiter.keep(providers);
  }

  /** From now on; what is known stays. */
  configure({ breaker, failover, providers }: Pick<Config, "breaker" | "failover" | "providers">): void {
    this.health.configure(breaker);
    this.limiter.configure(providers);
    this.budget.configure({ share: failover.retry_share });
    this.hedges.configure({ share: failover.hedge_share });
  }
}
