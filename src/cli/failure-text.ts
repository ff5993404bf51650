import { ConfigError } from "../config/problem.ts";
import { Refusal } from "./io.ts";

/** What is said of what ended a command, and its exit code. */
export function failureOf(cause: unknown): { text: string; exitCode: number } {
  if (cause instanceof ConfigError) return { text: cause.message, exitCode: 2 };
  if (cause instanceof Refusal) return { text: `opensourcellmrouter: ${cause.message}`, exitCode: cause.exitCode };
  // The stack alone: Node would print the error's fields too, and they may hold what a config holds.
  const text = cause instanceof Error ? cause.stack : String(cause);
  return { text: `opensourcellmrouter: this is a bug, please report it with these lines:\n${text}`, exitCode: 1 };
}
