import type { Log } from "../core/log.ts";

/** So many are told of one by one, then every hundredth. */
const TOLD = 100;

/**
 * A mistake in the work for one request must not end all the others. What they share is kept in maps that are changed in one
 * step, and every exchange has objects of its own: an error that found its way up here has broken off one of them, and its
 * timers or its client's leaving will end it. Going on is therefore safer than cutting every stream there is.
 */
export function outliveMistakes(log: Log, events: NodeJS.EventEmitter = process): void {
  let count = 0;
  const survive = (what: string) => (error: unknown) => {
    count++;
    if (count > TOLD && count % TOLD !== 0) return;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log("error", `${what} (number ${count}), a bug in the router, please report it: ${text}`);
  };
  events.on("uncaughtException", survive("an error nobody caught"));
  events.on("unhandledRejection", survive("a rejection nobody handled"));
}

/** The terminal may go away, or what reads our output (`| head`): the router serves on, and no command breaks off. */
export function outliveTerminal(streams: readonly NodeJS.EventEmitter[] = [process.stdout, process.stderr]): void {
  for (const stream of streams) stream.on("error", () => undefined);
}
