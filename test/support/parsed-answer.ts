import { HeadReader } from "../../src/upstream/http/answer-head.ts";
import { type AnswerParts, ResponseParser } from "../../src/upstream/http/response-parser.ts";
import type { Headers } from "../../src/wire/format.ts";
import { slices } from "./streams.ts";

/** What the parser made of bytes that came over a connection. */
export interface Parsed {
  status?: number;
  headers?: Headers;
  body: string;
  isComplete: boolean;
  /** For how long the connection may be kept. */
  keepMs: number;
  /** Bytes it took. */
  taken: number;
  fault?: string;
}

interface Circumstances {
  method?: string;
  /** Bytes at a time, round and round. */
  sizes?: readonly number[];
  /** Pauses before the head, and after each piece, and goes on. */
  pauses?: boolean;
}

/** Everything comes, then the connection ends. Reads go into the same memory each time, as they do on connections. */
export function parsedAnswer(
  bytes: Uint8Array,
  { method = "POST", sizes = [1 << 20], pauses = false }: Circumstances = {},
): Parsed {
  const heard: Parsed = { body: "", isComplete: false, keepMs: 0, taken: 0 };
  const pause = () => {
    parser.paused = pauses;
  };
  const parts: AnswerParts = {
    onHead(status, headers) {
      if (heard.status !== undefined) throw new Error("a second head");
      Object.assign(heard, { status, headers });
      pause();
    },
    onBody(from, start, end) {
      if (heard.status === undefined || heard.isComplete || end <= start) throw new Error("a body out of place");
      heard.body += from.toString("latin1", start, end);
      pause();
    },
    onComplete() {
      if (heard.status === undefined || heard.isComplete) throw new Error("an end out of place");
      heard.isComplete = true;
    },
  };
  const parser = new ResponseParser(parts, new HeadReader());
  parser.expect(method);
  const memory = Buffer.alloc(bytes.length + 64);
  for (const slice of slices(bytes, sizes)) {
    // What was there before, and looks like what is looked for.
    memory.fill("\r\n\r\n");
    memory.set(slice);
    const read = readAll(parser, memory, slice.length);
    heard.taken += read;
    if (read < slice.length) break;
  }
  if (heard.taken === bytes.length) parser.end();
  readAll(parser, Buffer.alloc(0), 0);
  if (heard.isComplete) heard.keepMs = parser.keepMs;
  if (parser.fault) heard.fault = parser.fault.constructor.name;
  if (heard.fault !== undefined) heard.taken = 0;
  return heard;
}

function readAll(parser: ResponseParser, memory: Buffer, length: number): number {
  let at = parser.execute(memory, 0, length);
  while (parser.paused) {
    parser.paused = false;
    at = parser.execute(memory, at, length);
  }
  return at;
}
