import type { Coverage } from "./coverage.ts";
import type { Guard } from "./guard.ts";

/** Of a target's corpus in git, bytes: all together stay under 1.5 MB. */
const MAX_BYTES = 40 * 1024;

/** The fewest inputs, as far as that is cheap to tell, that reach what all of them reach: the small ones come first. */
export function distilled(
  inputs: readonly Buffer[],
  seeds: readonly Buffer[],
  coverage: Coverage,
  guard: Guard,
): Buffer[] {
  // What ran before is not theirs.
  coverage.look();
  coverage.forget();
  for (const seed of seeds) guard.run(seed);
  coverage.add(coverage.look());
  const kept: Buffer[] = [];
  let bytes = 0;
  for (const input of [...inputs].sort((one, other) => one.length - other.length)) {
    guard.run(input);
    const seen = coverage.look();
    if (!coverage.hasNew(seen) || bytes + input.length > MAX_BYTES) continue;
    coverage.add(seen);
    kept.push(input);
    bytes += input.length;
  }
  return kept;
}
