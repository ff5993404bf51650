import { shownHeaders } from "../../core/answer-headers.ts";
import type { RouterEvent } from "../../record/events.ts";
import type { Feed } from "../../record/feed.ts";
import type { Call, Endpoint } from "../call.ts";
import type { Watching } from "../company.ts";

const HEARTBEAT_MS = 15_000;
/** A watcher this far behind is cut off; it reconnects, and costs no memory meanwhile. */
const MAX_BEHIND_BYTES = 4 * 1024 * 1024;
/** No id of ours is longer. */
const MAX_ID_CHARS = 64;

/**
 * `GET /dashboard/events`: every event as one SSE `data:` line, for as long as the watcher stays. Who comes back gets what it
 * missed (`Last-Event-ID`, or `?last_event_id=`); with `?progress=1` also what is being said, and at first what is
 * under way.
 */
export function feedEndpoint(feed: Feed, watching: Watching): Endpoint {
  return (call) => {
    const wantsProgress = call.search.get("progress") === "1";
    watching.begin(wantsProgress, (soFar) => watch(call, feed, wantsProgress, soFar));
  };
}

function watch({ req, res, search }: Call, feed: Feed, wantsProgress: boolean, soFar: readonly RouterEvent[]): void {
  if (res.destroyed) return;
  const headers = ["content-type", "text/event-stream; charset=utf-8", "cache-control", "no-cache"];
  res.writeHead(200, [...headers, ...shownHeaders(res)]);
  res.write(": connected\n\n");
  // What was missed may be more than that, and is no fault of its own.
  let behindBytes = MAX_BEHIND_BYTES;
  const tell = (frame: Buffer) => {
    if (res.destroyed) return;
    if (res.writableLength <= behindBytes) return void res.write(frame);
    feed.cutOff++;
    res.destroy();
  };
  const { first, fresh, stop } = feed.watch(tell, {
    ended: () => res.destroy(),
    progress: wantsProgress,
    after: lastId(req.headers["last-event-id"], search),
  });
  for (const frame of first) res.write(frame);
  if (fresh) for (const event of soFar) res.write(`data: ${JSON.stringify(event)}\n\n`);
  if (res.writableNeedDrain) {
    behindBytes += res.writableLength;
    res.once("drain", () => {
      behindBytes = MAX_BEHIND_BYTES;
    });
  }
  const heartbeat = setInterval(() => res.write(": alive\n\n"), HEARTBEAT_MS);
  res.once("close", () => {
    clearInterval(heartbeat);
    stop();
  });
}

function lastId(header: string | string[] | undefined, search: URLSearchParams): string | undefined {
  const id = typeof header === "string" ? header : search.get("last_event_id");
  return id === null || id === "" ? undefined : id.slice(0, MAX_ID_CHARS);
}
