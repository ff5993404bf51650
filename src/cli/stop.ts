/** For the log's last lines when it is told a second time. */
const LAST_MS = 500;

export interface Stopping {
  /** Finishes what is under way. */
  close: () => Promise<void>;
  /** Writes out the log, whatever else is under way. */
  flush: () => Promise<unknown>;
  /** What is being done, for people. */
  tell: (text: string) => void;
  signals?: NodeJS.EventEmitter;
  /** Ends the process. */
  die?: (signal: NodeJS.Signals) => void;
}

/** Waits for SIGINT or SIGTERM, then closes. A second signal ends the process within a second, whatever hangs. */
export function stopOnSignal({ close, flush, tell, signals = process, die = dieOf }: Stopping): Promise<void> {
  return new Promise((resolve, reject) => {
    let count = 0;
    const stop = (signal: NodeJS.Signals) => {
      count++;
      if (count > 2) die(signal);
      if (count === 1) {
        tell(`${signal}: finishing what is under way; once more to stop at once`);
        close().then(resolve, reject);
        return;
      }
      tell(`${signal}: stopping at once`);
      setTimeout(die, LAST_MS, signal);
      flush().then(
        () => die(signal),
        () => die(signal),
      );
    };
    signals.on("SIGINT", stop);
    signals.on("SIGTERM", stop);
  });
}

/** By the signal itself: `process.exit` waits for threads, and one may be stuck in a write to a dead disk for ever. */
export function dieOf(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
