import type { Finding, Guard } from "./guard.ts";

const PATIENCE_MS = 3000;

/** The same finding by a smaller input, as far as leaving out pieces of it comes. */
export function shrunk(finding: Finding, guard: Guard): Finding {
  const until = performance.now() + PATIENCE_MS;
  let smallest = finding;
  for (let size = finding.input.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < smallest.input.length; ) {
      if (performance.now() > until) return smallest;
      const { input } = smallest;
      const found = guard.run(Buffer.concat([input.subarray(0, at), input.subarray(at + size)]));
      if (found?.key === finding.key) smallest = found;
      else at += size;
    }
  }
  return smallest;
}
