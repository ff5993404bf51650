import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { SetupError } from "../../core/setup-error.ts";

const MAX_BYTES = 1024 * 1024;

/** A file of text, read again when it was changed. */
export class TextFile {
  readonly #path: string;
  readonly #warn: (message: string) => void;
  #text: string;
  #seen: string;
  #isBroken = false;

  /** Throws a `SetupError` that names the file when it cannot be read. */
  constructor(path: string, warn: (message: string) => void) {
    this.#path = resolve(path);
    this.#warn = warn;
    this.#seen = stampOf(this.#path);
    this.#text = read(this.#path);
  }

  /** As it is now; while it cannot be read, as it last was. */
  text(): string {
    try {
      const stamp = stampOf(this.#path);
      if (stamp !== this.#seen) {
        this.#text = read(this.#path);
        this.#seen = stamp;
      }
      this.#isBroken = false;
    } catch (error) {
      if (!this.#isBroken) this.#warn(`${messageOf(error)}; what it said before goes on`);
      this.#isBroken = true;
    }
    return this.#text;
  }
}

function stampOf(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    throw new SetupError(`cannot read the file ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function read(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new SetupError(`cannot read the file ${path}: ${messageOf(error)}`, { cause: error });
  }
  if (bytes.length > MAX_BYTES) throw new SetupError(`the file ${path} is larger than ${MAX_BYTES} bytes`);
  const text = bytes.toString("utf8").trim();
  if (text === "") throw new SetupError(`the file ${path} is empty`);
  return text;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
