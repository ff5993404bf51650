import type { ExchangeRow } from "../../api/exchanges.ts";
import type { Measures } from "../../api/measures.ts";
import type { ByteReader, ByteWriter } from "./bytes.ts";
import { Histogram } from "./histogram.ts";

/** What a number of exchanges add up to. */
export class Tally {
  readonly #sums = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  readonly #durations = new Histogram();
  readonly #firstTokens = new Histogram();

  get requests(): number {
    return this.#sums[0] ?? 0;
  }

  add(row: ExchangeRow): void {
    const { usage, cost } = row;
    this.#plus([
      1,
      isError(row) ? 1 : 0,
      row.outcome === "client-gone" ? 1 : 0,
      usage?.input_tokens ?? 0,
      usage?.output_tokens ?? 0,
      usage?.cached_read_tokens ?? 0,
      usage?.cache_write_tokens ?? 0,
      usage?.reasoning_tokens ?? 0,
      cost.usd ?? 0,
      isUnpriced(row) ? 1 : 0,
    ]);
    this.#durations.add(row.duration_ms);
    // A whole answer comes when it is over.
    if (row.stream && row.time_to_first_token_ms !== null) this.#firstTokens.add(row.time_to_first_token_ms);
  }

  merge(other: Tally): void {
    this.#plus(other.#sums);
    this.#durations.merge(other.#durations);
    this.#firstTokens.merge(other.#firstTokens);
  }

  /** Adds what `pack` wrote. */
  unpack(sums: readonly number[], bytes: ByteReader): void {
    this.#plus(sums);
    this.#durations.unpack(bytes);
    this.#firstTokens.unpack(bytes);
  }

  /** Its sums; both histograms go to `bytes`. */
  pack(bytes: ByteWriter): number[] {
    this.#durations.pack(bytes);
    this.#firstTokens.pack(bytes);
    return this.#sums;
  }

  measures(): Measures {
    const [requests, errors, gone, input, output, cachedRead, cacheWrite, reasoning, cost, unpriced] = this.#sums;
    return {
      requests: requests ?? 0,
      errors: errors ?? 0,
      client_gone: gone ?? 0,
      input_tokens: input ?? 0,
      output_tokens: output ?? 0,
      cached_read_tokens: cachedRead ?? 0,
      cache_write_tokens: cacheWrite ?? 0,
      reasoning_tokens: reasoning ?? 0,
      cost_usd: cost ?? 0,
      unpriced: unpriced ?? 0,
      duration_ms: percentiles(this.#durations),
      time_to_first_token_ms: percentiles(this.#firstTokens),
    };
  }

  #plus(sums: readonly number[]): void {
    for (let at = 0; at < sums.length; at++) this.#sums[at] = (this.#sums[at] ?? 0) + (sums[at] ?? 0);
  }
}

/** A client that leaves is nobody's error. */
export function isError({ outcome }: ExchangeRow): boolean {
  return outcome !== "ok" && outcome !== "client-gone";
}

function isUnpriced({ usage, cost }: ExchangeRow): boolean {
  return cost.usd === null && usage !== null && usage.input_tokens + usage.output_tokens > 0;
}

function percentiles(histogram: Histogram): Measures["duration_ms"] {
  const [p50, p95, p99] = histogram.percentiles([50, 95, 99]) ?? [];
  return p50 === undefined || p95 === undefined || p99 === undefined ? null : { p50, p95, p99 };
}
