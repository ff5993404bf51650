import type { Paint } from "./palette.ts";

/** A line of a chart, or a layer of its bars. */
export interface ChartLine {
  key: string;
  label: string;
  /** One for each step; null: a gap. */
  values: readonly (number | null)[];
  paint: Paint;
  /** Of lines, so that they are not told apart by colour alone. */
  dash?: readonly number[];
}

/** One value in words. */
export function valueText(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? "none" : format(value);
}
