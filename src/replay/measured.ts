import type { ExchangeRow } from "../api/exchanges.ts";
import { Speeds } from "../resilience/speeds.ts";
import { Typicals } from "../resilience/typical.ts";
import type { Known, TargetNumbers } from "../routing/numbers.ts";
import { upstreamModel } from "../upstream/provider.ts";

/** By which prompts are told to be short or long; exact sizes are not logged. */
const BYTES_PER_TOKEN = 4;

/**
 * What a router would have measured by then of all targets of the log, whether or not its rules asked: as the router itself
 * measures, by the clock of the log.
 */
export class MeasuredUntil {
  readonly #typical: Record<"firstToken" | "whole" | "speed", Typicals>;
  readonly #speeds: Speeds;
  #wallMs = 0;

  constructor() {
    const clock = { wallMs: () => this.#wallMs, nowMs: () => this.#wallMs, after: () => ({ cancel: () => undefined }) };
    this.#speeds = new Speeds(clock);
    this.#typical = { firstToken: new Typicals(clock), whole: new Typicals(clock), speed: new Typicals(clock) };
  }

  /** For a request like this one, when it began. Error rates of then are not known. */
  numbersFor(row: ExchangeRow): Pick<TargetNumbers, "latencyMs" | "tokensPerSec" | "errorRate"> {
    const { firstToken, whole, speed } = this.#typical;
    const of = (typicals: Typicals): TargetNumbers["latencyMs"] => {
      return (provider, model): Known | undefined => {
        const seen = typicals.of(provider.name, upstreamModel(provider, model), bytesOf(row));
        return seen && { ...seen, source: "measured" };
      };
    };
    return { latencyMs: of(row.stream ? firstToken : whole), tokensPerSec: of(speed), errorRate: () => undefined };
  }

  /** It ended: in the order of the log. */
  add(row: ExchangeRow): void {
    this.#wallMs = Math.max(this.#wallMs, row.ts_ms);
    const { provider, sent_model: model, duration_ms: whole, time_to_first_token_ms: first, usage } = row;
    if (row.outcome !== "ok" || provider === null || provider === "plugin" || model === null) return;
    const bytes = bytesOf(row);
    if (!row.stream) return this.#typical.whole.observe(provider, model, whole, bytes);
    if (first === null) return;
    this.#typical.firstToken.observe(provider, model, first, bytes);
    const speed = usage && this.#speeds.observe(provider, model, usage.output_tokens, whole - first);
    if (speed) this.#typical.speed.observe(provider, model, speed, bytes);
  }
}

function bytesOf({ usage }: ExchangeRow): number {
  return (usage?.input_tokens ?? 0) * BYTES_PER_TOKEN;
}
