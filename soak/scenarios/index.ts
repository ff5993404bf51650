import type { Scenario } from "../scenario.ts";
import { bulkCancel } from "./bulk-cancel.ts";
import { clientGone } from "./client-gone.ts";
import { idleStreams } from "./idle-streams.ts";
import { reloads } from "./reloads.ts";

/** In the order of the table. */
export const SCENARIOS: readonly Scenario[] = [clientGone, reloads, idleStreams, bulkCancel];
