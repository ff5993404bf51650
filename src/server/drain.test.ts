import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { drain } from "./drain.ts";

function setUp(sockets: { bytesRead: number; bytesWritten: number; writableLength: number }[]) {
  const clock = new FakeClock();
  const seen: string[] = [];
  const note = (what: string) => void seen.push(`${what} at ${clock.nowMs()}`);
  const server = {
    closed: () => undefined as unknown,
    close(closed: () => void) {
      server.closed = closed;
    },
    closeIdleConnections: () => undefined,
    closeAllConnections: () => {
      note("cut");
      server.closed();
    },
  };
  const connections = sockets.map((socket, index) => ({ ...socket, destroy: () => note(`socket ${index}`) }));
  const done = drain({
    server,
    sockets: new Set(connections),
    clock,
    streamsMs: 30_000,
    wholeMs: 60_000,
    endStreams: () => note("streams"),
    endAll: () => note("all"),
  });
  return { clock, seen, server, connections, done };
}

test("streams are ended first, whole answers later, what is left is cut; each once", async () => {
  const { clock, seen, done } = setUp([{ bytesRead: 9, bytesWritten: 9, writableLength: 0 }]);
  clock.advance(100_000);
  await done;
  deepEqual(seen, ["streams at 30000", "all at 60000", "cut at 61000"]);
  equal(clock.pending, 0);
});

test("a connection nobody asked anything on is closed at once, a client that does not read its end a second after it", () => {
  const { clock, seen, connections } = setUp([
    { bytesRead: 0, bytesWritten: 0, writableLength: 0 },
    { bytesRead: 9, bytesWritten: 9, writableLength: 5 },
    { bytesRead: 9, bytesWritten: 9, writableLength: 5 },
  ]);
  deepEqual(seen, ["socket 0 at 0"]);
  clock.advance(30_500);
  const reads = connections[2];
  if (reads) reads.bytesWritten = 12;
  clock.advance(500);
  deepEqual(seen, ["socket 0 at 0", "streams at 30000", "socket 1 at 31000"]);
});

test("it is over as soon as every connection is closed", async () => {
  const { clock, seen, server, done } = setUp([]);
  clock.advance(120);
  server.closed();
  await done;
  deepEqual([seen, clock.pending], [[], 0]);
});
