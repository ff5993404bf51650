import type { Env } from "../config/check/providers.ts";
import { paintedText, terminalText } from "../core/terminal-text.ts";

/** What a command touches of the outside, so that tests can hand it another. */
export interface Io {
  readonly env: Env;
  /** Results and start-up lines. May hold text of others: whatever a terminal could take for an order is made visible. */
  out(line: string, look?: Look): void;
  /** Warnings and errors, likewise. */
  err(line: string, look?: Look): void;
  /** Absent: neither is one. */
  readonly isTerminal?: { readonly out: boolean; readonly err: boolean };
}

/** Has colours of our own, and no text of others that was not made safe before: only `painted` lines keep their colours. */
export type Look = "painted";

/** A reason to stop that the user can remedy: printed as it is, without a stack. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly exitCode: 1 | 2;

  /** 2: the call or the config is wrong. 1: something else is in the way. */
  constructor(exitCode: 1 | 2, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const processIo: Io = {
  env: process.env,
  out: (line, look) => void process.stdout.write(`${safe(line, look)}\n`),
  err: (line, look) => void process.stderr.write(`${safe(line, look)}\n`),
  isTerminal: { out: process.stdout.isTTY === true, err: process.stderr.isTTY === true },
};

/** All that the program prints goes through here, so that no command can forget it; the TUI has its own way (`Span`). */
function safe(text: string, look: Look | undefined): string {
  return look === "painted" ? paintedText(text) : terminalText(text);
}
