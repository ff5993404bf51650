import type { Verdict } from "./assert/assertion.ts";
import type { LogRead } from "./reading/read-log.ts";
import type { Totals } from "./tally.ts";

/** All that a replay found: what `--json` prints, whole (docs/replay.md). */
export interface ReplayReport extends Totals {
  log: LogRead & {
    path: string;
    /** When the first and the last of the exchanges ended, ms since 1970; null: there is none. */
    first_ms: number | null;
    last_ms: number | null;
  };
  config: string;
  since_ms: number | null;
  filter: string | null;
  /** Rules go by them, and no request has them: perhaps another classifier would have set them. */
  absent_tags: string[];
  assertions: Verdict[];
}
