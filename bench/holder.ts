import { connect, type Socket } from "node:net";
import { requestOf } from "./connection.ts";

/** Holds streams open, in a process of its own: whatever comes is read and forgotten. */
export type HoldOrder = Hold | { close: true };

export interface Hold {
  url: string;
  path: string;
  body: string;
  /** So many more are opened, that many a second; answered when each of them has begun to be answered. */
  count: number;
  perSecond: number;
}

export interface Held {
  open: number;
  /** Were not answered by 200, or ended, since the last order. */
  failed: number;
}

let sockets: Socket[] = [];
let failed = 0;
/** No more than this many wait for the beginning of their answer. */
const AT_ONCE = 200;

async function hold({ url, path, body, count, perSecond }: Hold): Promise<void> {
  const to = new URL(url);
  const request = requestOf(to, path, body);
  const began = performance.now();
  const beginning = new Set<Promise<void>>();
  for (let opened = 0; opened < count; ) {
    const due = Math.min(count, ((performance.now() - began) / 1000) * perSecond);
    for (; opened < due && beginning.size < AT_ONCE; opened++) {
      const begun = begin(to, request).then(() => void beginning.delete(begun));
      beginning.add(begun);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(beginning);
}

/** Resolves with the first bytes of an answer, or when there will be none. */
function begin(to: URL, request: Buffer): Promise<void> {
  const socket = connect({ host: to.hostname, port: Number(to.port), noDelay: true });
  sockets.push(socket);
  socket.write(request);
  return new Promise((resolve) => {
    socket.once("data", (head: Buffer) => {
      if (!head.toString("latin1", 0, 12).endsWith(" 200")) failed++;
      socket.resume();
      resolve();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (sockets.includes(socket)) failed++;
      resolve();
    });
  });
}

function close(): void {
  const all = sockets;
  sockets = [];
  for (const socket of all) socket.destroy();
}

async function obey(order: HoldOrder): Promise<void> {
  if ("close" in order) close();
  else await hold(order);
  const held: Held = { open: sockets.filter(({ destroyed }) => !destroyed).length, failed };
  failed = 0;
  process.send?.(held);
}

process.on("message", (order: HoldOrder) => void obey(order));
