import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { logNames } from "../../record/log-names.ts";

/** A file of a log, maybe compressed by whoever rotated it. */
export interface LogFile {
  name: string;
  path: string;
  bytes: number;
  /** When it was written to last, ms since 1970: nothing in it is younger. */
  mtimeMs: number;
  isCompressed: boolean;
}

const COMPRESSED = ".gz";
/** The time of the first record stands in its first bytes. */
const HEAD_CHARS = 4_096;

/**
 * The files of the log that is written to `path`, oldest first: those it was renamed to, compressed ones included, then the
 * file itself. Of files that begin with no record, and of copies, the time they were written at counts.
 */
export async function logFilesOf(path: string): Promise<LogFile[]> {
  const { folder, current, isRotated, isForeign } = logNames(path);
  const files: (LogFile & { beganMs: number })[] = [];
  for (const name of await readdir(folder)) {
    const isCompressed = name.endsWith(COMPRESSED);
    const plain = isCompressed ? name.slice(0, -COMPRESSED.length) : name;
    if (name !== current && plain !== current && !isRotated(plain) && !isForeign(plain)) continue;
    const at = join(folder, name);
    const stats = await stat(at);
    if (!stats.isFile()) continue;
    const file = { name, path: at, bytes: stats.size, mtimeMs: stats.mtimeMs, isCompressed };
    files.push({ ...file, beganMs: (await firstTime(file)) ?? stats.mtimeMs });
  }
  return files.sort((a, b) => Number(a.name === current) - Number(b.name === current) || a.beganMs - b.beganMs);
}

/** The bytes of the file, piece by piece. */
export async function* piecesOf({
  path,
  isCompressed,
}: Pick<LogFile, "path" | "isCompressed">): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: 1024 * 1024 });
  if (!isCompressed) return yield* file;
  const unpacked = createGunzip();
  // What goes wrong while reading has to reach whoever reads.
  file.on("error", (error) => unpacked.destroy(error));
  try {
    yield* file.pipe(unpacked);
  } finally {
    file.destroy();
  }
}

/** Of its first record. */
async function firstTime(file: Pick<LogFile, "path" | "isCompressed">): Promise<number | undefined> {
  try {
    for await (const piece of piecesOf(file)) return timeIn(piece.toString("latin1", 0, HEAD_CHARS));
  } catch {
    // It is read again, and its fault told then.
  }
  return undefined;
}

/** The time of the record that begins so; undefined: it does not stand at its beginning. */
export function timeIn(head: string): number | undefined {
  const found = /^\{"type":"complete","id":"[^"\\]*","ts_ms":(\d+)/.exec(head)?.[1];
  return found === undefined ? undefined : Number(found);
}
