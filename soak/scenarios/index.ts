import type { Scenario } from "../scenario.ts";
import { amplification } from "./amplification.ts";
import { bulkCancel } from "./bulk-cancel.ts";
import { clientGone } from "./client-gone.ts";
import { faultMatrix } from "./fault-matrix.ts";
import { faultedStreams } from "./faulted-streams.ts";
import { fullDisk } from "./full-disk.ts";
import { idleStreams } from "./idle-streams.ts";
import { kills } from "./kills.ts";
import { memory } from "./memory.ts";
import { overload, overloadCpu } from "./overload.ts";
import { reloads } from "./reloads.ts";
import { stop } from "./stop.ts";

/** In the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  faultMatrix,
  faultedStreams,
  amplification,
  clientGone,
  fullDisk,
  kills,
  reloads,
  stop,
  idleStreams,
  memory,
  overload,
  overloadCpu,
  bulkCancel,
];
