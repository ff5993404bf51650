import { type FSWatcher, statSync, watch } from "node:fs";
import { dirname } from "node:path";
import type { Clock, Timer } from "../../core/clock.ts";

/** Quiet for so long: whoever writes the file has finished. */
const SETTLE_MS = 100;
/** Folders on a network, in some containers, and links to other folders tell nothing: a look now and then does not miss them. */
const POLL_MS = 1_000;

/** Tells of something in the folder that changed. Returns what ends it. */
type WatchFolder = (folder: string, told: () => void) => () => void;

export interface ConfigWatchOptions {
  clock: Clock;
  changed: () => void;
  /** Files that are always looked after. */
  files: readonly string[];
  /** Differs whenever the file does. */
  stampOf: (file: string) => string;
  watchFolder: WatchFolder;
}

/**
 * Looks after the config, its `.env` and what modules are made of. The folder is watched, not the file: editors write another one and rename it. What
 * is half written is not read before it has been quiet for a moment.
 */
export class ConfigWatch {
  readonly #options: ConfigWatchOptions;
  #seen: Map<string, string>;
  #dirty = false;
  #soon: Timer | undefined;
  #poll: Timer | undefined;
  /** What ends the watching of each folder. */
  readonly #folders = new Map<string, () => void>();

  constructor(options: ConfigWatchOptions) {
    this.#options = options;
    this.#seen = new Map(options.files.map((file) => [file, options.stampOf(file)]));
    this.#watchFolders();
    this.#pollLater();
  }

  /** Looks after these files besides, from now on. Stamps are from when they were read: what changed since is a change. */
  follow(besides: ReadonlyMap<string, string>): void {
    const own = [...this.#seen].filter(([file]) => this.#options.files.includes(file));
    this.#seen = new Map([...besides, ...own]);
    this.#watchFolders();
  }

  stop(): void {
    for (const end of this.#folders.values()) end();
    this.#folders.clear();
    this.#soon?.cancel();
    this.#poll?.cancel();
  }

  #watchFolders(): void {
    const wanted = new Set([...this.#seen.keys()].map((file) => dirname(file)));
    for (const [folder, end] of this.#folders) {
      if (wanted.has(folder)) continue;
      end();
      this.#folders.delete(folder);
    }
    // The folder may be a busy one, of logs for instance.
    const told = () => {
      if (!this.#soon) this.#look();
    };
    for (const folder of wanted) {
      if (!this.#folders.has(folder)) this.#folders.set(folder, this.#options.watchFolder(folder, told));
    }
  }

  #pollLater(): void {
    this.#poll = this.#options.clock.after(POLL_MS, () => {
      if (!this.#soon) this.#look();
      this.#pollLater();
    });
  }

  #look(): void {
    const { stampOf } = this.#options;
    const changed = [...this.#seen].filter(([file, seen]) => stampOf(file) !== seen);
    for (const [file] of changed) this.#seen.set(file, stampOf(file));
    if (changed.length > 0) {
      this.#dirty = true;
    } else if (this.#dirty) {
      this.#dirty = false;
      return this.#options.changed();
    } else return;
    this.#soon = this.#options.clock.after(SETTLE_MS, () => {
      this.#soon = undefined;
      this.#look();
    });
  }
}

/** What tells a file from what it was: which file it is, its size, when it was written. */
export function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? "none" : `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`;
}

/** By the system's own means, where it has them. `failed`: it has not, or no more. */
export function watchFolder(folder: string, told: () => void, failed: (why: string) => void): () => void {
  let watcher: FSWatcher | undefined;
  const giveUp = (error: unknown) => {
    watcher?.close();
    watcher = undefined;
    failed(error instanceof Error ? error.message : String(error));
  };
  try {
    watcher = watch(folder, { persistent: false }, told);
    watcher.on("error", giveUp);
  } catch (error) {
    giveUp(error);
  }
  return () => watcher?.close();
}
