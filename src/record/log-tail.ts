import { tryParseJson } from "../core/json.ts";

/** What is asked of a file here; `FileHandle` can do it. */
export interface ReadableFile {
  read(into: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
}

const FIRST_LOOK_BYTES = 64 * 1024;
/** Longer than a record ever is. */
const MAX_PIECE_BYTES = 128 * 1024 * 1024;
const LINE_END = 0x0a;

/** What stands behind the last line end: nothing, if all is well. Undefined: more than can be looked at. */
export async function pieceBehindLastLine(file: ReadableFile, size: number): Promise<Buffer | undefined> {
  for (let length = Math.min(size, FIRST_LOOK_BYTES); ; length = Math.min(size, length * 8, MAX_PIECE_BYTES)) {
    const tail = await readAt(file, size - length, length);
    const last = tail.lastIndexOf(LINE_END);
    if (last !== -1 || length === size) return tail.subarray(last + 1);
    if (length === MAX_PIECE_BYTES) return undefined;
  }
}

async function readAt(file: ReadableFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let at = 0;
  while (at < length) {
    const { bytesRead } = await file.read(bytes, at, length - at, position + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.subarray(0, at);
}

/** `whole`: only its line end is missing. `torn`: the beginning of a record. `foreign`: none of the router's, and not its to cut. */
export function pieceKind(piece: Buffer | undefined): "whole" | "torn" | "foreign" {
  if (!piece || piece[0] !== "{".charCodeAt(0)) return "foreign";
  return tryParseJson(piece.toString("utf8")) === undefined ? "torn" : "whole";
}
