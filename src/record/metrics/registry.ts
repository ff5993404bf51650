/** What is measured: its names in both worlds, its unit, and what its series are told apart by. */
export interface Definition {
  /** OpenTelemetry's. */
  readonly name: string;
  /** Prometheus's; null: not served there. */
  readonly prometheus: string | null;
  readonly type: "counter" | "gauge" | "histogram";
  /** UCUM, as OpenTelemetry has it: `s`, `By`, `{request}`. */
  readonly unit: string;
  readonly help: string;
  /** Names of attributes, as OpenTelemetry has them; Prometheus gets `_` for `.`. */
  readonly labels: readonly string[];
  /** Of a histogram: upper bounds of its buckets, ascending. */
  readonly bounds?: readonly number[];
}

/** One set of label values, and what was measured for it. */
export interface Series {
  /** In the order of the definition. */
  readonly values: readonly string[];
  /** Wall clock, ms: since when it is there. */
  readonly sinceMs: number;
  /** Of a counter or gauge; of a histogram the sum. */
  value: number;
  /** Of a histogram: how many in each bucket, the last one for what is beyond all bounds. */
  readonly buckets: number[];
  count: number;
  /** Its labels as Prometheus has them, written once. */
  text?: string;
}

/** The most series of one name: what comes later is counted together, whatever it is. */
const MAX_SERIES = 10_000;
export const OTHER = "other";

/** All series of one name. Adding to it takes well below a microsecond, and never throws. */
export class Family {
  readonly definition: Definition;
  readonly #series = new Map<string, Series>();
  readonly #maxSeries: number;
  readonly #wallMs: () => number;

  constructor(definition: Definition, wallMs: () => number, maxSeries = MAX_SERIES) {
    this.definition = definition;
    this.#wallMs = wallMs;
    this.#maxSeries = maxSeries;
  }

  get size(): number {
    return this.#series.size;
  }

  all(): Series[] {
    return [...this.#series.values()];
  }

  add(amount: number, ...values: readonly string[]): void {
    if (amount >= 0 && amount < Number.POSITIVE_INFINITY) this.#at(values).value += amount;
  }

  /** Of gauges, and of counters somebody else counts. */
  set(value: number, ...values: readonly string[]): void {
    this.#at(values).value = value;
  }

  observe(value: number, ...values: readonly string[]): void {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return;
    const series = this.#at(values);
    series.value += value;
    series.count++;
    const { bounds = [] } = this.definition;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] ?? 0)) at++;
    series.buckets[at] = (series.buckets[at] ?? 0) + 1;
  }

  /** Gauges of what is gone vanish: they are set anew each time somebody looks. */
  clear(): void {
    this.#series.clear();
  }

  #at(values: readonly string[]): Series {
    const key = values.length === 1 ? (values[0] ?? "") : values.join("\u0000");
    const known = this.#series.get(key);
    if (known) return known;
    if (this.#series.size < this.#maxSeries) return this.#make(key, values);
    const others = values.map(() => OTHER);
    const rest = others.join("\u0000");
    return this.#series.get(rest) ?? this.#make(rest, others);
  }

  #make(key: string, values: readonly string[]): Series {
    const { type, bounds = [] } = this.definition;
    const buckets = type === "histogram" ? new Array<number>(bounds.length + 1).fill(0) : [];
    const series: Series = { values, sinceMs: this.#wallMs(), value: 0, buckets, count: 0 };
    this.#series.set(key, series);
    return series;
  }
}
