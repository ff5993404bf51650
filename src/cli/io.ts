import type { Env } from "../config/check/providers.ts";

/** What a command touches of the outside, so that tests can hand it another. */
export interface Io {
  readonly env: Env;
  /** Results and start-up lines. */
  out(line: string): void;
  /** Warnings and errors. */
  err(line: string): void;
  /** Absent: neither is one. */
  readonly isTerminal?: { readonly out: boolean; readonly err: boolean };
}

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
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  isTerminal: { out: process.stdout.isTTY === true, err: process.stderr.isTTY === true },
};
