import type { ExchangeRow } from "../../api/exchanges.ts";
import type { Stats } from "../../api/stats.ts";
import { clientOf, OTHER } from "./levels.ts";
import { isError } from "./tally.ts";

type FlowShape = Stats["flows"][number];

/** What went one way. */
export class Flow {
  #requests = 0;
  #errors = 0;
  #cost = 0;

  get requests(): number {
    return this.#requests;
  }

  add(row: ExchangeRow): void {
    this.#requests++;
    if (isError(row)) this.#errors++;
    this.#cost += row.cost.usd ?? 0;
  }

  merge(other: Flow): void {
    this.#requests += other.#requests;
    this.#errors += other.#errors;
    this.#cost += other.#cost;
  }

  unpack([requests = 0, errors = 0, cost = 0]: readonly number[]): void {
    this.#requests += requests;
    this.#errors += errors;
    this.#cost += cost;
  }

  pack(): number[] {
    return [this.#requests, this.#errors, this.#cost];
  }

  /** `key`: of `flowKey`. */
  shape(key: string): FlowShape {
    const [client, tags, rule, provider]: [string, string[], string | null, string | null] = JSON.parse(key);
    return { client, tags, rule, provider, requests: this.#requests, errors: this.#errors, cost_usd: this.#cost };
  }
}

export function flowKey(row: ExchangeRow): string {
  return JSON.stringify([clientOf(row), row.tags, row.rule, row.provider]);
}

/** What is too rare to be listed. */
export const OTHER_FLOW: string = JSON.stringify([OTHER, [], OTHER, OTHER]);
