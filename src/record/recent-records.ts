import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isObject, type JsonObject, tryParseJson } from "../core/json.ts";
import { logNames } from "./log-names.ts";

/** So much is read at once, and parsed without a pause. */
const CHUNK_BYTES = 64 * 1024;
/** Longer records are passed over: parsing one takes milliseconds for each megabyte. */
const MAX_RECORD_BYTES = 2 * 1024 * 1024;
const HEAD_BYTES = 256;
const LINE_END = 0x0a;

export interface Recent {
  /** Wall clock, ms: records of `sinceMs` and later, up to `untilMs`. */
  sinceMs: number;
  untilMs: number;
  /** So much of the log is read at most, from its end. */
  maxBytes: number;
}

/**
 * The latest records of a log, oldest first, rotated files included. What is no record, or only the beginning of one, is passed
 * over. Rejects when the log cannot be read; one that is not there is empty.
 */
export async function* recentRecords(path: string, recent: Recent): AsyncGenerator<JsonObject> {
  for (const part of await partsOf(path, recent)) {
    for await (const line of linesOf(part)) {
      if (!isMeant(line, recent)) continue;
      const record = tryParseJson(line.toString("utf8"));
      if (isObject(record)) yield record;
    }
  }
}

interface FilePart {
  path: string;
  from: number;
  to: number;
}

/** What there is to be read, oldest first. */
async function partsOf(path: string, { sinceMs, maxBytes }: Recent): Promise<FilePart[]> {
  const { folder, current, isRotated } = logNames(path);
  const names = await readdir(folder).catch(missing);
  // The time they were renamed is in their names.
  const newestFirst = [...names.filter((name) => name === current), ...names.filter(isRotated).toSorted().toReversed()];
  const parts: FilePart[] = [];
  let left = maxBytes;
  for (const name of newestFirst) {
    const file = join(folder, name);
    const { size, mtimeMs } = await stat(file);
    if (left === 0 || mtimeMs < sinceMs) break;
    const length = Math.min(size, left);
    parts.unshift({ path: file, from: size - length, to: size });
    left -= length;
  }
  return parts;
}

function missing(error: unknown): string[] {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
  throw error;
}

/** The whole lines of it: not what stands before the first line end, where it does not begin at the file's beginning. */
async function* linesOf({ path, from, to }: FilePart): AsyncGenerator<Buffer> {
  const file = await open(path, "r");
  try {
    let begun: Buffer[] = [];
    let passing = from > 0;
    for (let at = from; at < to; ) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, to - at));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      const read = chunk.subarray(0, bytesRead);
      let start = 0;
      for (let end = read.indexOf(LINE_END); end !== -1; end = read.indexOf(LINE_END, start)) {
        if (!passing) yield Buffer.concat([...begun, read.subarray(start, end)]);
        passing = false;
        begun = [];
        start = end + 1;
      }
      if (!passing) begun.push(read.subarray(start));
      passing ||= begun.length * CHUNK_BYTES > MAX_RECORD_BYTES;
      if (passing) begun = [];
    }
  } finally {
    await file.close();
  }
}

/** By its first fields, which the router writes in this order: most of a log is older, and need not be parsed. */
function isMeant(line: Buffer, { sinceMs, untilMs }: Recent): boolean {
  const head = line.toString("latin1", 0, HEAD_BYTES);
  const found = /^\{"type":"complete","id":"[^"]*","ts_ms":(\d+)[,}]/.exec(head)?.[1];
  return found !== undefined && Number(found) >= sinceMs && Number(found) < untilMs;
}
