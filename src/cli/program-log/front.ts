import type { LogLevel } from "../../core/log.ts";
import { failureOf } from "../failure-text.ts";
import type { Io } from "../io.ts";
import type { ProgramLog } from "./program-log.ts";

/** What the program says besides its log: for people in words of their own; in JSON all of it is log. */
export interface Front {
  /** What it found and where it listens: for people only. */
  out(line: string): void;
  /** Something its owner should hear of. */
  tell(level: LogLevel, text: string): void;
  /** Whether that is so. */
  readonly isLog: boolean;
}

export function frontOf({ settings, log }: ProgramLog, io: Io): Front {
  if (settings.format === "json") return { isLog: true, out: () => undefined, tell: log };
  return { isLog: false, out: io.out, tell: (_level, text) => io.err(text) };
}

/** Does it, and says in the log why it failed where all is log; resolves to the exit code. */
export async function withFront(front: Front, run: () => Promise<number>): Promise<number> {
  if (!front.isLog) return run();
  try {
    return await run();
  } catch (cause) {
    const { text, exitCode } = failureOf(cause);
    front.tell("error", text);
    return exitCode;
  }
}
