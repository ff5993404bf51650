import { constants, type Stats } from "node:fs";
import { mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { type Clock, pause, type Timer } from "../core/clock.ts";
import { isForeignLink } from "../core/own-files.ts";
import { pieceBehindLastLine, pieceKind, type ReadableFile } from "./log-tail.ts";
import type { Page } from "./record-pages.ts";
import type { Rotation } from "./rotation.ts";

/** What the log asks of an open file; `FileHandle` can do all of it. */
export interface OpenFile extends ReadableFile {
  write(bytes: Buffer, offset: number): Promise<{ bytesWritten: number }>;
  stat(): Promise<Stats>;
  truncate(size: number): Promise<void>;
  datasync(): Promise<void>;
  close(): Promise<void>;
}

export interface LogFileParts {
  path: string;
  clock: Clock;
  /** For people: what was found, and what was done about it. */
  tell: (message: string) => void;
  /** Opens for reading and appending, and makes the file. */
  open?: ((path: string) => Promise<OpenFile>) | undefined;
  /** When to go on with a new file. */
  rotation: Rotation;
  /** Other processes write to it, too: one of them may have been killed in the middle of a record. */
  isShared?: boolean;
}

export interface Appended {
  /** So many of the records are in the file whole. */
  whole: number;
  /** Why not all. */
  error?: unknown;
}

const SYNC_MS = 1_000;
/** Another process may be writing the piece at the end: looked at again after a while, so many times. */
const LOOK_AGAIN_MS = 50;
const LOOKS = 3;
const LINE_END = Buffer.from("\n");

/**
 * The file of the log: only ever appended to, each record a line of its own. It is found again when it was renamed or deleted,
 * its end is repaired when it is opened, and what was written is on the disk a second later.
 */
export class LogFile {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #tell: (message: string) => void;
  readonly #openFile: (path: string) => Promise<OpenFile>;
  #file: OpenFile | undefined;
  /** An ordinary file, which can be renamed, repaired and synced. */
  #place: { dev: number; ino: number } | undefined;
  /** It ends in something that a line end has to be put behind. */
  #torn = false;
  /** The last write failed: what is torn is ours. */
  #failed = false;
  #syncTimer: Timer | undefined;
  #syncing = false;
  #unsynced = false;
  #syncFailed = false;
  readonly #rotation: Rotation;
  readonly #isShared: boolean;

  constructor({ path, clock, tell, open = openLog, rotation, isShared = false }: LogFileParts) {
    this.#rotation = rotation;
    this.#isShared = isShared;
    this.#path = path;
    this.#clock = clock;
    this.#tell = tell;
    this.#openFile = open;
  }

  /** Never rejects. With an error the file is closed, and opened again by the next call. Without a page it is only opened. */
  async append(page: Page | undefined): Promise<Appended> {
    let at = 0;
    try {
      const file = await this.#ready();
      if (!page) return { whole: 0 };
      const { bytes, ends } = page;
      if (this.#torn) await this.#write(file, LINE_END, 0);
      while (at < bytes.length) at += await this.#write(file, bytes, at);
      this.#failed = false;
      this.#syncSoon();
      return { whole: ends.length };
    } catch (error) {
      this.#failed = true;
      await this.#letGo();
      return { whole: page?.ends.filter((end) => end <= at).length ?? 0, error };
    }
  }

  async #write(file: OpenFile, bytes: Buffer, at: number): Promise<number> {
    const { bytesWritten } = await file.write(bytes, at);
    if (bytesWritten === 0) throw new Error("nothing could be written");
    this.#torn = bytes[at + bytesWritten - 1] !== LINE_END[0];
    return bytesWritten;
  }

  /** Everything written is on the disk then. */
  async close(): Promise<void> {
    await this.#sync();
    await this.#letGo();
  }

  async #ready(): Promise<OpenFile> {
    this.#file ??= await this.#openAndRepair();
    if (!this.#place) return this.#file;
    const size = await this.#sizeInPlace(this.#place);
    if (size !== undefined && !(await this.#rotation.isDue(size))) {
      if (this.#isShared) this.#torn = size > 0 && !(await endsInLine(this.#file, size));
      return this.#file;
    }
    await this.close();
    if (size !== undefined) {
      await this.#rotation.rotate();
      await this.#rotation.clean();
    }
    this.#file = await this.#openAndRepair();
    return this.#file;
  }

  /** Undefined: it is not there any more. Others rename files away, and people delete them. */
  async #sizeInPlace(place: { dev: number; ino: number }): Promise<number | undefined> {
    try {
      const { dev, ino, size } = await stat(this.#path);
      return dev === place.dev && ino === place.ino ? size : undefined;
    } catch {
      // Opening it again says what is wrong.
      return undefined;
    }
  }

  async #openAndRepair(): Promise<OpenFile> {
    const folder = dirname(this.#path);
    if (isForeignLink(folder)) throw new Error(`${folder} is a symbolic link of another user's: ${OTHER_FOLDER}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await this.#openFile(this.#path);
    this.#rotation.begin();
    try {
      const stats = await file.stat();
      this.#place = stats.isFile() ? { dev: stats.dev, ino: stats.ino } : undefined;
      if (this.#place) this.#torn = await this.#repair(file);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Cuts off what is left of a record that was being written when the process or the disk ended. True: something is left. */
  async #repair(file: OpenFile): Promise<boolean> {
    let { size } = await file.stat();
    for (let look = 1; ; look++) {
      const piece = await pieceBehindLastLine(file, size);
      if (piece?.length === 0) return false;
      if (!this.#failed) await pause(this.#clock, LOOK_AGAIN_MS);
      const now = (await file.stat()).size;
      if (now === size) return this.#mend(file, size, piece);
      if (look === LOOKS) return true;
      size = now;
    }
  }

  async #mend(file: OpenFile, size: number, piece: Buffer | undefined): Promise<boolean> {
    const kind = pieceKind(piece);
    if (piece && kind === "torn") {
      await file.truncate(size - piece.length);
      if (!this.#failed)
        this.#tell(`it ended in half a record, as a crash leaves it: ${piece.length} bytes were cut off`);
      return false;
    }
    if (kind === "foreign") this.#tell("its last line is no record of the router's: the next one begins on a new line");
    return true;
  }

  #syncSoon(): void {
    this.#unsynced = true;
    if (this.#syncTimer || this.#syncing || !this.#place) return;
    this.#syncTimer = this.#clock.after(SYNC_MS, () => {
      this.#syncTimer = undefined;
      this.#syncing = true;
      void this.#sync().then(() => {
        this.#syncing = false;
        if (this.#unsynced && this.#file) this.#syncSoon();
      });
    });
  }

  async #sync(): Promise<void> {
    const file = this.#file;
    if (!file || !this.#place || !this.#unsynced) return;
    this.#unsynced = false;
    try {
      await file.datasync();
      this.#syncFailed = false;
    } catch (error) {
      // A file that was closed meanwhile has other troubles.
      if (this.#syncFailed || file !== this.#file) return;
      this.#syncFailed = true;
      this.#tell(`${messageOf(error)}; what was written may be lost when the machine fails`);
    }
  }

  async #letGo(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#syncTimer?.cancel();
    this.#syncTimer = undefined;
    try {
      await file?.close();
    } catch (error) {
      this.#tell(messageOf(error));
    }
  }
}

async function endsInLine(file: OpenFile, size: number): Promise<boolean> {
  const last = Buffer.alloc(1);
  const { bytesRead } = await file.read(last, 0, 1, size - 1);
  return bytesRead === 0 || last[0] === LINE_END[0];
}

/** What went wrong with a file and what to do about it, where that can be said. */
export function messageOf(error: unknown): string {
  const remedy = error instanceof Error && "code" in error ? REMEDIES.get(String(error.code)) : undefined;
  const message = error instanceof Error ? error.message : String(error);
  return remedy === undefined ? message : `${remedy} (${message})`;
}

const OTHER_FOLDER = "name the folder it leads to in [logging] path, if that is where prompts may be written";

const NOT_ALLOWED = "the router may not write there: give its user the right to, or set another [logging] path";

const REMEDIES: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "the disk quota is used up"],
  ["EFBIG", "the file may not grow any larger: move it away"],
  ["ELOOP", "it is a symbolic link, which the log does not follow: name the file itself in [logging] path"],
  ["EISDIR", "it is a folder: name a file in it in [logging] path"],
  ["ENOTDIR", "a file is where its folder should be: set another [logging] path"],
  ["EEXIST", "a file is where its folder should be: set another [logging] path"],
  ["EACCES", NOT_ALLOWED],
  ["EPERM", NOT_ALLOWED],
  ["EROFS", NOT_ALLOWED],
]);

/** Links are not followed, or whoever can put one there chooses which file is written to; those in /dev are the system's own. */
function openLog(path: string): Promise<OpenFile> {
  const noFollow = path.startsWith("/dev/") ? 0 : (constants.O_NOFOLLOW ?? 0);
  return open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | noFollow, 0o600);
}
