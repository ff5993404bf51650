import type { Bench } from "./bench.ts";
import { expectEnding, type Faulted } from "./expect.ts";
import type { Variant } from "./variants.ts";

/** A fault, and what has to come of it in every variant it exists in. */
export interface Row {
  /** In the fault matrix of the reliability contract. */
  number: number;
  fault: string;
  only?: "stream" | "whole";
  /** The variants it exists in; default: all. */
  where?(variant: Variant): boolean;
  /** Takes as long as the timers of the router's own: not in `npm test`. */
  slow?: boolean;
  /** Many megabytes: runs behind the others, whose times it would spoil. */
  heavy?: boolean;
  /** Rejects when something is not as it must be. A number it resolves to is a time it measured, in ms. */
  check(bench: Bench, variant: Variant): Promise<unknown>;
}

/** A row about what a provider does to one request. */
export function row(
  number: number,
  fault: string,
  faulted: Faulted | ((variant: Variant, bench: Bench) => Faulted),
  more: Pick<Row, "only" | "heavy"> = {},
): Row {
  return {
    number,
    fault,
    ...more,
    check: (bench, variant) =>
      expectEnding(bench, variant, typeof faulted === "function" ? faulted(variant, bench) : faulted),
  };
}
