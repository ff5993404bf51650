import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../core/clock.ts";

const LOOK_MS = 50;
/** For what was said last to reach its client. */
const FLUSH_MS = 1_000;

export interface Draining {
  server: Server;
  sockets: ReadonlySet<Socket>;
  clock: Clock;
  /** When streams are ended, and when everything is. */
  streamsMs: number;
  wholeMs: number;
  endStreams(): void;
  endAll(): void;
}

/** Stops accepting and resolves when every connection is closed: as soon as nothing is under way on it. */
export function drain(draining: Draining): Promise<void> {
  const { server, sockets, clock } = draining;
  const started = clock.nowMs();
  const wholeMs = Math.max(draining.wholeMs, draining.streamsMs);
  let streams = false;
  let stuck: Map<Socket, number> | undefined;
  let all = false;
  return new Promise((resolve) => {
    const look = () => {
      const passed = clock.nowMs() - started;
      // Connections whose answer ended meanwhile would wait for a next request.
      server.closeIdleConnections();
      if (!streams && passed >= draining.streamsMs) {
        streams = true;
        draining.endStreams();
      }
      if (stuck === undefined && passed >= draining.streamsMs) stuck = written(sockets);
      if (stuck && passed >= draining.streamsMs + FLUSH_MS) closeUnread(sockets, stuck);
      if (!all && passed >= wholeMs) {
        all = true;
        draining.endAll();
      }
      if (passed >= wholeMs + FLUSH_MS) server.closeAllConnections();
      timer = clock.after(LOOK_MS, look);
    };
    let timer = clock.after(LOOK_MS, look);
    server.close(() => {
      timer.cancel();
      // The answers that were cut hear of it one turn after the server does, and say themselves why they ended.
      setImmediate(() => setImmediate(resolve));
    });
    server.closeIdleConnections();
    // Node counts a connection as busy until its first request was read.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  });
}

function written(sockets: ReadonlySet<Socket>): Map<Socket, number> {
  return new Map([...sockets].map((socket) => [socket, socket.bytesWritten]));
}

/** A client that does not read would never have its last event. */
function closeUnread(sockets: ReadonlySet<Socket>, before: ReadonlyMap<Socket, number>): void {
  for (const socket of sockets)
    if (socket.writableLength > 0 && socket.bytesWritten === before.get(socket)) socket.destroy();
}
