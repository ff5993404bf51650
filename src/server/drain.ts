import type { Clock } from "../core/clock.ts";

const LOOK_MS = 50;
/** For what was said last to reach its client. */
const FLUSH_MS = 1_000;

/** What of `http.Server` and `net.Connection` stopping takes. */
interface Closing {
  close(closed: () => void): unknown;
  closeIdleConnections(): void;
  closeAllConnections(): void;
}

interface Connection {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly writableLength: number;
  destroy(): unknown;
}

export interface Draining {
  server: Closing;
  sockets: ReadonlySet<Connection>;
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
  let stuck: Map<Connection, number> | undefined;
  let all = false;
  let over = false;
  return new Promise((resolve) => {
    const look = () => {
      const passed = clock.nowMs() - started;
      // Connections whose answer ended meanwhile would wait for a next request.
      server.closeIdleConnections();
      if (stuck === undefined && passed >= draining.streamsMs) {
        draining.endStreams();
        stuck = written(sockets);
      }
      if (stuck && passed >= draining.streamsMs + FLUSH_MS) closeUnread(sockets, stuck);
      if (!all && passed >= wholeMs) {
        all = true;
        draining.endAll();
      }
      if (passed >= wholeMs + FLUSH_MS) server.closeAllConnections();
      if (!over) timer = clock.after(LOOK_MS, look);
    };
    let timer = clock.after(LOOK_MS, look);
    server.close(() => {
      over = true;
      timer.cancel();
      // The answers that were cut hear of it one turn after the server does, and say themselves why they ended.
      setImmediate(() => setImmediate(resolve));
    });
    server.closeIdleConnections();
    // Node counts a connection as busy until its first request was read.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  });
}

function written(sockets: ReadonlySet<Connection>): Map<Connection, number> {
  return new Map([...sockets].map((socket) => [socket, socket.bytesWritten]));
}

/** A client that does not read would never have its last event. */
function closeUnread(sockets: ReadonlySet<Connection>, before: ReadonlyMap<Connection, number>): void {
  for (const socket of sockets)
    if (socket.writableLength > 0 && socket.bytesWritten === before.get(socket)) socket.destroy();
}
