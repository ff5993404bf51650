import type { Feed } from "../../record/feed.ts";
import type { Endpoint } from "../call.ts";

const HEARTBEAT_MS = 15_000;
/** A watcher this far behind is cut off; it reconnects, and costs no memory meanwhile. */
const MAX_BEHIND_BYTES = 4 * 1024 * 1024;

/** `GET /dashboard/events`: every event as one SSE `data:` line, for as long as the watcher stays. */
export function feedEndpoint(feed: Feed): Endpoint {
  return ({ res }) => {
    res.writeHead(200, ["content-type", "text/event-stream; charset=utf-8", "cache-control", "no-cache"]);
    res.write(": connected\n\n");
    const tell = (frame: Buffer) => {
      if (res.writableLength > MAX_BEHIND_BYTES) res.destroy();
      else res.write(frame);
    };
    const stop = feed.watch(tell, () => res.destroy());
    const heartbeat = setInterval(() => res.write(": alive\n\n"), HEARTBEAT_MS);
    res.once("close", () => {
      clearInterval(heartbeat);
      stop();
    });
  };
}
