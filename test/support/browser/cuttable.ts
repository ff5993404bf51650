import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { Cleanup } from "../in-process.ts";
import { addressOf } from "../upstream/upstream.ts";

/** A way to a server that can be cut and mended. */
export interface Cuttable {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  /** Breaks every connection and takes no new one until it is mended. */
  cut(): void;
  mend(): void;
}

/** Passes connections on to `target`; closed when the test ends. */
export async function cuttable(test: Cleanup, target: string): Promise<Cuttable> {
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(Number(new URL(target).port), "127.0.0.1");
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket);
      socket.pipe(other);
      // A connection that breaks is what this is for.
      socket.on("error", () => undefined);
      socket.on("close", () => {
        open.delete(socket);
        other.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const breakAll = () => {
    for (const socket of open) socket.destroy();
  };
  test.after(async () => {
    breakAll();
    server.close();
    await once(server, "close");
  });
  return {
    url: `http://127.0.0.1:${addressOf(server.address()).port}`,
    cut() {
      isCut = true;
      breakAll();
    },
    mend() {
      isCut = false;
    },
  };
}
