import type { AttemptEvent, CompleteEvent, RouterEvent } from "../../../src/record/events.ts";
import { isFailure } from "../../../src/remote/filter.ts";
import { Rate } from "./rate.ts";

export interface ProviderFigures {
  readonly name: string;
  /** Requests it answered, or failed last. */
  readonly requests: number;
  /** Attempts of it that failed, also where another answered then. */
  readonly failures: number;
  /** Of all requests that have a provider. */
  readonly share: number;
  /** Mean ms of the requests it answered; undefined: none. */
  readonly latencyMs: number | undefined;
  /** Wall clock ms. */
  readonly lastSuccessMs: number | undefined;
}

export interface Figures {
  readonly sinceMs: number;
  readonly requests: number;
  readonly errors: number;
  readonly failovers: number;
  readonly inFlight: number;
  /** Of what is over and was answered or failed; undefined: nothing yet. */
  readonly meanMs: number | undefined;
  readonly p95Ms: number | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars; what has no known price is counted in `unpriced`. */
  readonly costUsd: number;
  readonly unpriced: number;
  /** Most requests first. */
  readonly providers: readonly ProviderFigures[];
  readonly tags: readonly { readonly tag: string; readonly requests: number }[];
}

interface PerProvider {
  requests: number;
  failures: number;
  ok: number;
  okMs: number;
  lastSuccessMs: number | undefined;
}

const MAX_NAMES = 500;
const SAMPLES = 500;

/** What the feed's events add up to since it was opened. */
export class Statistics {
  readonly #sinceMs: number;
  readonly #flying = new Map<string, number>();
  readonly #providers = new Map<string, PerProvider>();
  readonly #tags = new Map<string, number>();
  #durations: number[] = [];
  #sum = { requests: 0, errors: 0, failovers: 0, timed: 0, ms: 0, input: 0, output: 0, usd: 0, unpriced: 0 };
  /** Requests and output tokens of the last minute. */
  readonly requestRate: Rate;
  readonly tokenRate: Rate;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
    this.requestRate = new Rate(nowMs);
    this.tokenRate = new Rate(nowMs);
  }

  /** A provider is listed before it has done anything. */
  know(providers: readonly string[]): void {
    for (const name of providers) this.#provider(name);
  }

  take(event: RouterEvent, nowMs: number): void {
    if (event.type === "start") {
      this.#flying.set(event.id, 0);
      this.requestRate.add(1, nowMs);
    } else if (event.type === "progress") {
      const before = this.#flying.get(event.id);
      this.#flying.set(event.id, event.output_tokens);
      this.tokenRate.add(Math.max(0, event.output_tokens - (before ?? event.output_tokens)), nowMs);
    } else if (event.type === "attempt") {
      this.#attempt(event);
    } else if (event.type === "complete") {
      this.#complete(event, nowMs);
    }
  }

  /** Events were lost. */
  forgetFlying(): void {
    this.#flying.clear();
  }

  get inFlight(): number {
    return this.#flying.size;
  }

  figures(): Figures {
    const { requests, errors, failovers, timed, ms, input, output, usd, unpriced } = this.#sum;
    const ordered = [...this.#durations].sort((a, b) => a - b);
    const routed = [...this.#providers.values()].reduce((sum, one) => sum + one.requests, 0);
    return {
      sinceMs: this.#sinceMs,
      requests,
      errors,
      failovers,
      inFlight: this.#flying.size,
      meanMs: timed === 0 ? undefined : ms / timed,
      p95Ms: ordered[Math.ceil(ordered.length * 0.95) - 1],
      inputTokens: input,
      outputTokens: output,
      costUsd: usd,
      unpriced,
      providers: [...this.#providers]
        .map(([name, one]) => providerFigures(name, one, routed))
        .sort((a, b) => b.requests - a.requests),
      tags: [...this.#tags].map(([tag, count]) => ({ tag, requests: count })).sort((a, b) => b.requests - a.requests),
    };
  }

  #attempt({ provider, outcome }: AttemptEvent): void {
    if (outcome !== "ok" && outcome !== "cancelled") this.#provider(provider).failures++;
  }

  #complete(event: CompleteEvent, nowMs: number): void {
    const sum = this.#sum;
    const said = this.#flying.get(event.id) ?? 0;
    this.#flying.delete(event.id);
    sum.requests++;
    if (isFailure(event.outcome)) sum.errors++;
    if (event.attempts.length > 1) sum.failovers++;
    if (event.outcome !== "client-gone") {
      sum.timed++;
      sum.ms += event.duration_ms;
      this.#durations.push(event.duration_ms);
      if (this.#durations.length > 2 * SAMPLES) this.#durations = this.#durations.slice(-SAMPLES);
    }
    const output = event.usage?.output_tokens ?? 0;
    sum.input += event.usage?.input_tokens ?? 0;
    sum.output += output;
    this.tokenRate.add(Math.max(0, output - said), nowMs);
    if (event.cost.usd !== null) sum.usd += event.cost.usd;
    else if (event.cost.source === "unknown") sum.unpriced++;
    for (const tag of [...event.tags, ...(event.response?.tags ?? [])]) this.#count(tag);
    if (event.provider !== null) this.#answered(this.#provider(event.provider), event);
  }

  #answered(one: PerProvider, { outcome, duration_ms, ts_ms }: CompleteEvent): void {
    one.requests++;
    if (outcome !== "ok") return;
    one.ok++;
    one.okMs += duration_ms;
    one.lastSuccessMs = Math.max(ts_ms, one.lastSuccessMs ?? 0);
  }

  #count(tag: string): void {
    if (this.#tags.size < MAX_NAMES || this.#tags.has(tag)) this.#tags.set(tag, (this.#tags.get(tag) ?? 0) + 1);
  }

  #provider(name: string): PerProvider {
    const known = this.#providers.get(name);
    if (known !== undefined) return known;
    const made: PerProvider = { requests: 0, failures: 0, ok: 0, okMs: 0, lastSuccessMs: undefined };
    if (this.#providers.size < MAX_NAMES) this.#providers.set(name, made);
    return made;
  }
}

function providerFigures(name: string, one: PerProvider, routed: number): ProviderFigures {
  return {
    name,
    requests: one.requests,
    failures: one.failures,
    share: routed === 0 ? 0 : one.requests / routed,
    latencyMs: one.ok === 0 ? undefined : one.okMs / one.ok,
    lastSuccessMs: one.lastSuccessMs,
  };
}
