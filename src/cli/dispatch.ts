import { perform } from "./command-line.ts";
import { failureOf } from "./failure-text.ts";
import type { Io } from "./io.ts";

/** Does what the command line says. Resolves to the exit code; what the user can remedy is printed, not thrown. */
export async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await perform(argv, io);
  } catch (cause) {
    const { text, exitCode } = failureOf(cause);
    io.err(text);
    return exitCode;
  }
}
