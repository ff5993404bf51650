import { ConfigError } from "../config/problem.ts";
import { perform } from "./command-line.ts";
import { type Io, Refusal } from "./io.ts";

/** Does what the command line says. Resolves to the exit code; what the user can remedy is printed, not thrown. */
export async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await perform(argv, io);
  } catch (cause) {
    if (cause instanceof ConfigError) {
      io.err(cause.message);
      return 2;
    }
    if (cause instanceof Refusal) {
      io.err(`opensourcellmrouter: ${cause.message}`);
      return cause.exitCode;
    }
    // The stack alone: Node would print the error's fields too, and they may hold what a config holds.
    const text = cause instanceof Error ? cause.stack : String(cause);
    io.err(`opensourcellmrouter: this is a bug, please report it with these lines:\n${text}`);
    return 1;
  }
}
