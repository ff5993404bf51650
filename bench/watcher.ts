import { request } from "node:http";

/** Somebody who watches the feed, in a process of its own: reads it until told to stop, and says what came. */
export type WatchOrder = { url: string } | { stop: true };

export interface Watched {
  events: number;
  bytes: number;
  /** The feed ended by itself: the watcher was too slow. */
  cut: boolean;
}

let seen: Watched = { events: 0, bytes: 0, cut: false };
let stop = (): void => undefined;

process.on("message", (order: WatchOrder) => {
  if ("stop" in order) {
    stop();
    process.send?.(seen);
    return;
  }
  seen = { events: 0, bytes: 0, cut: false };
  const outgoing = request(order.url, (incoming) => {
    incoming.on("data", (chunk: Buffer) => {
      seen.bytes += chunk.length;
      for (let at = chunk.indexOf("\n\n"); at >= 0; at = chunk.indexOf("\n\n", at + 2)) seen.events++;
    });
    incoming.on("close", () => {
      seen.cut = true;
    });
    process.send?.(seen);
  });
  stop = () => {
    seen = { ...seen };
    outgoing.destroy();
  };
  outgoing.on("error", () => undefined);
  outgoing.end();
});
