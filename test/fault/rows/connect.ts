import type { Ending, Faulted } from "../expect.ts";
import { answered } from "../parts.ts";
import { type Row, row } from "../row.ts";

/** No connection: another try may do, and nothing was sent. */
const NO_CONNECTION: Ending = { sees: "elsewhere", kind: "connect", tries: 3, status: 502 };

function unreachable(way: Faulted["way"]): Faulted {
  return { ...(way && { way }), play: answered, unreachable: true, ends: NO_CONNECTION };
}

export const CONNECT: Row[] = [
  row(1, "connection refused", unreachable("refused")),
  row(2, "connection never made", unreachable("hole")),
  row(3, "unknown host", unreachable("unknown")),
];
