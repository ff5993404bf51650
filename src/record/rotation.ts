import { existsSync } from "node:fs";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../core/clock.ts";
import { type LogNames, logNames } from "./log-names.ts";

/** How large the log grows, and what of it is kept; 0: no limit. */
export interface LogRules {
  rotateBytes: number;
  keepMs: number;
  /** The current file counts. */
  keepBytes: number;
}

export const KEEP_ALL: LogRules = { rotateBytes: 0, keepMs: 0, keepBytes: 0 };

/** Where only so many days are kept a file holds one at most: files are deleted whole. */
const DAY_MS = 24 * 3_600_000;
/** Renaming that does not work is tried again after so long. */
const RETRY_MS = 60_000;
const HEAD_BYTES = 4096;

export interface RotationParts {
  path: string;
  clock: Clock;
  /** For people. */
  tell: (level: "info" | "warn", message: string) => void;
}

/** Renames the log when it is large or old enough, and deletes what its owner does not want to keep. Both only tell of failure. */
export class Rotation {
  rules: LogRules = KEEP_ALL;
  readonly #path: string;
  readonly #names: LogNames;
  readonly #clock: Clock;
  readonly #tell: RotationParts["tell"];
  #notBefore = 0;
  /** When the first record of the current file was written; undefined: not known. */
  #beganMs: number | undefined;

  constructor({ path, clock, tell }: RotationParts) {
    this.#path = path;
    this.#names = logNames(path);
    this.#clock = clock;
    this.#tell = tell;
  }

  get keepsAll(): boolean {
    return this.rules.keepMs === 0 && this.rules.keepBytes === 0;
  }

  /** Another file is written to from now on. */
  begin(): void {
    this.#beganMs = undefined;
  }

  /** Whether a file of this size is to be renamed before anything more is written to it. */
  async isDue(size: number): Promise<boolean> {
    const { rotateBytes, keepMs, keepBytes } = this.rules;
    const now = this.#clock.wallMs();
    if (size === 0 || now < this.#notBefore) return false;
    // Or all of what may be kept would be in the current file, which is never deleted.
    const limits = [rotateBytes, keepBytes / 2].filter((limit) => limit > 0);
    if (limits.some((limit) => size >= limit)) return true;
    if (keepMs === 0) return false;
    this.#beganMs ??= await this.#firstTime();
    return now - this.#beganMs >= DAY_MS;
  }

  async rotate(): Promise<void> {
    try {
      await rename(this.#path, await this.#freeName());
    } catch (error) {
      // Another router that writes to it was faster.
      if (isMissing(error)) return;
      this.#notBefore = this.#clock.wallMs() + RETRY_MS;
      this.#tell("warn", `it cannot be rotated, and goes on growing: ${messageOf(error)}`);
    }
  }

  /** Deletes the oldest files that were rotated: those of too long ago, and those there is no room for. */
  async clean(): Promise<void> {
    if (this.keepsAll) return;
    try {
      const { keepMs, keepBytes } = this.rules;
      let room = keepBytes - (await sizeOf(this.#path));
      for (const { name, size, mtimeMs } of await this.#rotated()) {
        room -= size;
        const isOld = keepMs > 0 && this.#clock.wallMs() - mtimeMs >= keepMs;
        if (!isOld && (keepBytes === 0 || room >= 0)) continue;
        await rm(join(this.#names.folder, name), { force: true });
        this.#tell("info", `${name} was deleted, as [logging] ${isOld ? "keep_days" : "keep_mb"} says`);
      }
    } catch (error) {
      this.#tell("warn", `what is too old or too much could not be deleted: ${messageOf(error)}`);
    }
  }

  /** Newest first. */
  async #rotated(): Promise<{ name: string; size: number; mtimeMs: number }[]> {
    if (!existsSync(this.#names.folder)) return [];
    const names = (await readdir(this.#names.folder)).filter((name) => this.#names.isRotated(name));
    const files = names.map(async (name) => {
      try {
        const { size, mtimeMs } = await stat(join(this.#names.folder, name));
        return [{ name, size, mtimeMs }];
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    });
    return (await Promise.all(files)).flat().sort((a, b) => b.mtimeMs - a.mtimeMs);
  }

  async #freeName(): Promise<string> {
    for (let ms = this.#clock.wallMs(); ; ms++) {
      const path = join(this.#names.folder, this.#names.rotated(new Date(ms)));
      if ((await sizeOf(path)) === 0) return path;
    }
  }

  /** Of the first record; of a file that begins otherwise: now. */
  async #firstTime(): Promise<number> {
    const file = await open(this.#path, "r");
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      const found = /"ts_ms":(\d+)/.exec(buffer.toString("utf8", 0, bytesRead))?.[1];
      return found === undefined ? this.#clock.wallMs() : Number(found);
    } finally {
      await file.close();
    }
  }
}

/** 0: there is none. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
