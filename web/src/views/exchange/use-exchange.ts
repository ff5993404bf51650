import { useMemo } from "react";
import type { ExchangeDetail } from "../../../../src/api/exchanges.ts";
import { useApp, useLiveRow, useLoaded } from "../../app/context.ts";
import { type Api, ApiError } from "../../client/api.ts";
import { type ExchangeRecord, readRecord } from "../../exchange/record.ts";
import { type LiveRow, rowOfStored } from "../../live/row.ts";

export interface Shown {
  row: LiveRow | undefined;
  record: ExchangeRecord | undefined;
  detail: ExchangeDetail | undefined;
  /** Why there is no more than this; undefined while nothing is wrong. */
  problem: Error | undefined;
  isLoading: boolean;
  reload(): void;
}

/** The index follows a moment behind the feed. */
const TRIES = 8;
const PAUSE_MS = 250;

/** One exchange: from the feed while it is under way, from the store when it is over. */
export function useExchange(id: string): Shown {
  const { api } = useApp();
  const seen = useLiveRow(id);
  const isFlying = seen !== undefined && seen.endedMs === undefined;
  const load = (signal: AbortSignal) =>
    isFlying ? Promise.resolve(undefined) : whole(api, id, seen !== undefined, signal);
  const { data: detail, error, isLoading, reload } = useLoaded(`${id} ${isFlying}`, load);
  const record = useMemo(() => (detail?.record ? readRecord(detail.record) : undefined), [detail]);
  const stored = useMemo(() => detail && rowOfStored(detail.exchange), [detail]);
  // The feed's row has a little of the answer, if the record is gone.
  const row = isFlying ? seen : (stored ?? seen);
  return { row, record, detail, problem: error, isLoading: isLoading && !isFlying, reload };
}

/** `justSeen`: it is there or will be in a moment. */
async function whole(api: Api, id: string, justSeen: boolean, signal: AbortSignal): Promise<ExchangeDetail> {
  for (let left = justSeen ? TRIES : 1; ; left--) {
    try {
      const detail = await api.exchange(id, signal);
      if (detail.record !== null || left <= 1) return detail;
    } catch (error) {
      if (left <= 1 || !(error instanceof ApiError) || error.status !== 404) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
