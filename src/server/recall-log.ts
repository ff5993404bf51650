import { recall } from "../pipeline/recall.ts";
import { recentRecords } from "../record/recent-records.ts";
import type { Lasting } from "./lasting.ts";
import type { RouterParts } from "./version.ts";

/** What is older counts no more. */
const RECENT_MS = 15 * 60_000;
/** So much of the log is read, in the background: a tenth of a second's work. */
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * What was measured of targets, and where conversations are, outlives a restart in the log: its latest records are measured as
 * their exchanges were. Never rejects: without them the router begins as if for the first time.
 */
export async function recallLog({ config, fleet, programLog }: RouterParts, lasting: Lasting): Promise<void> {
  const { path, enabled } = config.logging;
  // A log that is no file cannot be read back.
  if (!enabled || path.startsWith("/dev/")) return;
  const { resilience, conversations, clock, lifecycle, startedMs: untilMs } = lasting;
  let count = 0;
  try {
    const recent = { sinceMs: untilMs - RECENT_MS, untilMs, maxBytes: MAX_BYTES };
    for await (const record of recentRecords(path, recent)) {
      if (lifecycle.stopping) return;
      if (recall(record, { resilience, conversations, fleet, nowMs: clock.wallMs() })) count++;
    }
    programLog("debug", `${count} exchanges of the last 15 minutes were recalled from the log`, { path });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    programLog("warn", `log ${path}: cannot be read back, and what was measured before is forgotten (${why})`, {
      path,
    });
  }
}
