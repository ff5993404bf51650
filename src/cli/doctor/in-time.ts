import { systemClock } from "../../core/clock.ts";

/** What was waited for did not come, or nobody waits any more. */
export class Late extends Error {
  override readonly name = "Late";
}

/** The promise's own outcome, unless the time is over first or the signal comes: then a `Late`. What is late goes on unheard. */
export async function inTime<T>(work: Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  const late = Promise.withResolvers<never>();
  const gone = () => late.reject(new Late("it was not waited for any longer"));
  const timer = systemClock.after(ms, () =>
    late.reject(new Late(`nothing came within ${Math.round(ms / 100) / 10} s`)),
  );
  signal.addEventListener("abort", gone);
  if (signal.aborted) gone();
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    timer.cancel();
    signal.removeEventListener("abort", gone);
  }
}
