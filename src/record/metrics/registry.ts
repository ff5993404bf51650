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

/** One set of label values, and what was measured for it. What is no sensible amount is passed over. */
export class Series {
  /** In the order of the definition. */
  readonly values: readonly string[];
  /** Wall clock, ms: since when it is there. */
  readonly sinceMs: number;
  /** Of a counter or gauge; of a histogram the sum. */
  value = 0;
  /** Of a histogram: how many in each bucket, the last one for what is beyond all bounds. */
  readonly buckets: number[];
  count = 0;
  /** Its labels as Prometheus has them, written once. */
  text: string | undefined;
  readonly #bounds: readonly number[];

  constructor(values: readonly string[], sinceMs: number, { type, bounds = [] }: Definition) {
    this.values = values;
    this.sinceMs = sinceMs;
    this.#bounds = bounds;
    this.buckets = type === "histogram" ? new Array<number>(bounds.length + 1).fill(0) : [];
  }

  add(amount: number): void {
    if (amount >= 0 && amount < Number.POSITIVE_INFINITY) this.value += amount;
  }

  observe(value: number): void {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return;
    this.value += value;
    this.count++;
    let at = 0;
    while (at < this.#bounds.length && value > (this.#bounds[at] ?? 0)) at++;
    this.buckets[at] = (this.buckets[at] ?? 0) + 1;
  }
}

/** The most series of one name: what comes later is counted together, whatever it is. */
const MAX_SERIES = 10_000;
export const OTHER = "other";

/** All series of one name. Nothing of it throws. */
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
    this.at(values).add(amount);
  }

  /** Of gauges, and of counters somebody else counts. */
  set(value: number, ...values: readonly string[]): void {
    this.at(values).value = value;
  }

  observe(value: number, ...values: readonly string[]): void {
    this.at(values).observe(value);
  }

  /** Gauges of what is gone vanish: they are set anew each time somebody looks. */
  clear(): void {
    this.#series.clear();
  }

  /** It stays the same: who counts often keeps it. */
  at(values: readonly string[]): Series {
    const key = values.length === 1 ? (values[0] ?? "") : values.join("\u0000");
    const known = this.#series.get(key);
    if (known) return known;
    if (this.#series.size < this.#maxSeries) return this.#make(key, values);
    const others = values.map(() => OTHER);
    const rest = others.join("\u0000");
    return this.#series.get(rest) ?? this.#make(rest, others);
  }

  #make(key: string, values: readonly string[]): Series {
    const series = new Series(values, this.#wallMs(), this.definition);
    this.#series.set(key, series);
    return series;
  }
}
