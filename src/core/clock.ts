/** Time, passed in so that tests can turn it. */
export interface Clock {
  /** Wall clock, ms since 1970: for people and logs only. */
  wallMs(): number;
  /** Monotonic ms: for durations and timers. */
  nowMs(): number;
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  nowMs: () => performance.now(),
};

/** Uniform in [0, 1), passed in so that tests can choose. */
export type Random = () => number;
