/** Time, passed in so that tests can turn it. */
export interface Clock {
  /** Wall clock, ms since 1970: for people and logs only. */
  wallMs(): number;
  /** Monotonic ms: for durations and timers. */
  nowMs(): number;
  /** Calls `run` once, `ms` from now, unless it is cancelled first. */
  after(ms: number, run: () => void): Timer;
}

/** What `Clock.after` started. */
export interface Timer {
  cancel(): void;
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  nowMs: () => performance.now(),
  after: (ms, run) => {
    const timeout = setTimeout(run, ms);
    return { cancel: () => clearTimeout(timeout) };
  },
};

export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

/** Uniform in [0, 1), passed in so that tests can choose. */
export type Random = () => number;
