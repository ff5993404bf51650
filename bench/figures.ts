/** What is told of many measurements of the same. */

/** Of `sorted`, so many hundredths from below. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(ascending(values), 0.5);
}

/** The median, and the least and the most behind it. */
export function spread(values: readonly number[], digits = 0, unit = ""): string {
  const sorted = ascending(values);
  const [least, middle, most] = [0, 0.5, 1].map((share) => percentile(sorted, share).toFixed(digits));
  return `${middle}${unit} (${least}–${most})`;
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((one, other) => one - other);
}
