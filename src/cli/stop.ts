import type { Io } from "./io.ts";

/** Waits for SIGINT or SIGTERM, then closes. A second signal ends the process at once. */
export function stopOnSignal(
  close: () => Promise<void>,
  io: Io,
  signals: NodeJS.EventEmitter = process,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const stop = (signal: NodeJS.Signals) => {
      // 128 + the signal's number, as shells count.
      if (stopping) process.exit(signal === "SIGINT" ? 130 : 143);
      stopping = true;
      io.err(`${signal}: finishing what is under way; once more to stop at once`);
      close().then(resolve, reject);
    };
    signals.on("SIGINT", stop);
    signals.on("SIGTERM", stop);
  });
}
