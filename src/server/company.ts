import type { RawExchange } from "../api/exchanges.ts";
import type { RouterEvent } from "../record/events.ts";
import type { Health } from "../resilience/health.ts";
import type { Limiter } from "../resilience/limiter.ts";
import type { Endpoint } from "./call.ts";

/** What watching the feed takes. */
export interface Watching {
  /**
   * Somebody begins to watch: `ready` is called once, when every event from then on comes, with what is under way where
   * progress is wanted. Nothing may happen between what it is given and what comes.
   */
  begin(wantsProgress: boolean, ready: (soFar: RouterEvent[]) => void): void;
}

/** What the processes that serve clients add up to. */
export interface Totals {
  connections: number;
  rejected: Readonly<Record<"malformed" | "bad_key" | "foreign_page" | "stopping", number>>;
  refused: number;
  /** Events for the process that joins them which it took too slowly. */
  lost: number;
  cpuSeconds: number;
  residentBytes: number;
  heapBytes: number;
  heapLimitBytes: number;
}

/** What differs where several processes serve one port; whatever is absent is done here. */
export interface Company {
  /** Goes by what others see as well. */
  readonly health?: Health;
  readonly limiter?: Limiter;
  /** Has what is the owner's answered elsewhere. */
  readonly forward?: Endpoint;
  readonly watching?: Watching;
  /** What went over the wire for an exchange that another process had. */
  readonly raw?: (id: string) => Promise<RawExchange | undefined>;
  readonly totals?: () => Totals;
  /** Another process asks providers for their models, and reads the log back. */
  readonly isTold?: boolean;
}

/** One process does it all. */
export const ALONE: Company = {};
