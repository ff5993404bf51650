import type { Way } from "../bench.ts";
import type { Part } from "../call.ts";
import type { Ending, Faulted } from "../expect.ts";
import { answered, fin, reset } from "../parts.ts";
import { type Row, row } from "../row.ts";

/** No connection: another try may do, and nothing was sent. */
const NO_CONNECTION: Ending = { sees: "elsewhere", kind: "connect", tries: 3, status: 502 };

/** Nothing is sent over a connection that is not safe, and a second try would not make it so. */
const UNSAFE: Ending = { sees: "elsewhere", kind: "tls", tries: 1, status: 502 };

function unsafe(way: Way): Faulted {
  return { way, play: answered, unreachable: true, ends: UNSAFE };
}

function unreachable(way: Way): Faulted {
  return { way, play: answered, unreachable: true, ends: NO_CONNECTION };
}

export const CONNECT: Row[] = [
  row(1, "connection refused", unreachable("refused")),
  row(2, "connection never made", unreachable("hole")),
  row(3, "unknown host", unreachable("unknown")),
  row(4, "a certificate nobody vouches for", unsafe("selfsigned")),
  row(4, "no TLS where TLS is asked for", unsafe("nottls")),
];

/** A server that lets go of connections it has kept, just as they are used again. */
function closing(how: Part): Part {
  return (call) => (call.reused ? how(call) : answered(call));
}

const RACE: Ending = { sees: "fine", kind: "cut", tries: 1, status: 200 };

export const KEPT: Row[] = [
  row(28, "kept connection closed as it is used", { play: closing(fin), ends: RACE }),
  row(28, "kept connection reset as it is used", { play: closing(reset), ends: RACE }),
];
