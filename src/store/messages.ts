import type { ExchangeQuery } from "../api/exchanges.ts";
import type { Status } from "../api/routing.ts";
import type { StatsQuery } from "../api/stats.ts";

/** Where the store has its exchanges from. */
export type Source =
  /** The log at this path, and what it was renamed to; the index lies beside it. */
  | { kind: "file"; path: string }
  /** What it is told, as long as it runs. */
  | { kind: "memory" };

export type Question =
  | { kind: "exchanges"; query: ExchangeQuery }
  | { kind: "exchange"; id: string }
  | { kind: "stats"; query: StatsQuery }
  | { kind: "caught-up" };

export type ToWorker =
  | { type: "ask"; number: number; question: Question }
  /** Lines of the log, for a store in memory. */
  | { type: "lines"; lines: string[] }
  | { type: "close" };

export type FromWorker =
  /** As JSON, which is faster than cloning. */
  | { type: "answer"; number: number; json: string }
  | { type: "refusal"; number: number; message: string }
  /** So many lines were taken in. */
  | { type: "taken"; lines: number }
  | { type: "state"; state: Status["store"] }
  | { type: "log"; level: "info" | "warn" | "error"; message: string };
