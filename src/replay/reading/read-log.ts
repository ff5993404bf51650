import type { ExchangeRow } from "../../api/exchanges.ts";
import { asObject, type JsonObject, tryParseJson } from "../../core/json.ts";
import { fitToParse } from "../../store/index/long-lines.ts";
import { rowOfRecord } from "../../store/index/record-row.ts";
import { Lines } from "./lines.ts";
import { type LogFile, logFilesOf, piecesOf, timeIn } from "./log-files.ts";

/** One exchange of a log. */
export interface Logged {
  /** As the line has it; what a very long line holds of long values is null. */
  record: JsonObject;
  row: ExchangeRow;
}

/** What was found besides exchanges. */
export interface LogRead {
  files: { name: string; exchanges: number }[];
  bytes: number;
  exchanges: number;
  /** Older than what was asked for. */
  older: number;
  /** The last line of a file that is not whole: the router was killed, or is writing it. */
  torn: number;
  /** Lines that are no records of exchanges. */
  foreign: number;
  /** Files that could not be read to their end. */
  broken: { name: string; error: string }[];
}

/**
 * Reads a log, oldest first, and no more of it at a time than one line. `read` is filled in on the way. Rejects when there is no
 * log; of a file that cannot be read to its end, what could be read is had.
 */
export class LogReading {
  readonly read: LogRead = { files: [], bytes: 0, exchanges: 0, older: 0, torn: 0, foreign: 0, broken: [] };
  readonly path: string;
  readonly #sinceMs: number;

  /** `sinceMs`: wall clock; exchanges that ended before are left out. */
  constructor(path: string, sinceMs = 0) {
    this.path = path;
    this.#sinceMs = sinceMs;
  }

  async *exchanges(): AsyncGenerator<Logged> {
    for (const file of await logFilesOf(this.path)) {
      if (file.mtimeMs < this.#sinceMs) continue;
      yield* this.#fileExchanges(file);
    }
  }

  async *#fileExchanges(file: LogFile): AsyncGenerator<Logged> {
    const { read } = this;
    const before = read.exchanges;
    const lines = new Lines();
    try {
      for await (const piece of piecesOf(file)) {
        read.bytes += piece.length;
        for (const line of lines.take(piece)) {
          const logged = this.#loggedIn(line);
          if (logged) yield logged;
        }
      }
      const rest = lines.rest();
      const logged = rest === undefined ? undefined : this.#loggedIn(rest, true);
      if (logged) yield logged;
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      read.broken.push({ name: file.name, error: error.message });
    }
    read.foreign += lines.tooLong;
    read.files.push({ name: file.name, exchanges: read.exchanges - before });
  }

  #loggedIn(line: string, isLast = false): Logged | undefined {
    const { read } = this;
    if (line.trim() === "") return undefined;
    const ts = timeIn(line.slice(0, HEAD_CHARS));
    if (ts !== undefined && ts < this.#sinceMs) {
      read.older++;
      return undefined;
    }
    const text = fitToParse(line);
    const value = text === undefined ? undefined : tryParseJson(text);
    const record = asObject(value);
    const row = record && rowOfRecord(record);
    if (record && row) {
      if (row.ts_ms < this.#sinceMs) {
        read.older++;
        return undefined;
      }
      read.exchanges++;
      return { record, row };
    }
    if (isLast && value === undefined) read.torn++;
    else read.foreign++;
    return undefined;
  }
}

/** Type, id and time stand there. */
const HEAD_CHARS = 400;
