import type { ExchangePage, ExchangeQuery, ExchangeRow } from "../api/exchanges.ts";
import type { Status } from "../api/routing.ts";
import type { Stats, StatsQuery } from "../api/stats.ts";

/** An exchange the store knows, with its record where that can still be read. */
export interface StoredExchange {
  row: ExchangeRow;
  /** The `complete` event as one line of JSON. */
  record: string | null;
  /** Why there is none. */
  missing: string | null;
}

/** What was, for page, TUI and scripts. Questions reject with `StoreError` when the store cannot answer; requests never notice. */
export interface Store {
  readonly state: Status["store"];
  /** Exchanges it had no room for, since it was opened. */
  readonly dropped: number;
  exchanges(query: ExchangeQuery): Promise<ExchangePage>;
  exchange(id: string): Promise<StoredExchange | undefined>;
  stats(query: StatsQuery): Promise<Stats>;
  /** What was written until now is in the index then. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

/** Says what is wrong with the store and what to do about it. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}
