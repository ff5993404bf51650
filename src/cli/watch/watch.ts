import { once } from "node:events";
import { nearest } from "../../config/nearest.ts";
import { escapedControls, terminalLine } from "../../core/terminal-text.ts";
import { type FeedItem, watchFeed } from "../../remote/feed.ts";
import { FILTER_NAMES, parseFilter } from "../../remote/filter.ts";
import { RemoteError, type RemoteRouter } from "../../remote/remote-router.ts";
import { hasColours } from "../colours.ts";
import { type Io, Refusal } from "../io.ts";
import { linesOf, type WatchLook } from "./lines.ts";
import { Wanted } from "./wanted.ts";

export interface WatchArgs {
  readonly router: RemoteRouter;
  /** Events as they are, one JSON object a line. */
  readonly json: boolean;
  readonly full: boolean;
  readonly filter: string | undefined;
}

/** Of a line that goes elsewhere than to a terminal. */
const WIDTH_ELSEWHERE = 200;
/** More is not written before who reads it has read some. */
const MAX_WAITING_BYTES = 256 * 1024;

/** `watch [URL]`: prints each request as it happens, until it is told to stop or nobody reads it any more. */
export async function watch(args: WatchArgs, io: Io, stdout: NodeJS.WriteStream = process.stdout): Promise<number> {
  const { router, filter } = args;
  const stop = new AbortController();
  const end = () => stop.abort();
  let broken: Error | undefined;
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") broken = error;
    end();
  });
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  if (filter !== undefined) warnOfSlip(filter, io);
  const wanted = filter === undefined || filter.trim() === "" ? undefined : new Wanted(parseFilter(filter));
  const notices = noticesTo(router, io);
  try {
    for await (const item of watchFeed(router, { signal: stop.signal })) {
      if (item.type === "connected" || item.type === "disconnected") notices(item);
      else for (const line of linesFor(item, wanted, args, lookOf(args, io, stdout))) io.out(line, "painted");
      if (stdout.writableLength > MAX_WAITING_BYTES) {
        await once(stdout, "drain", { signal: stop.signal }).catch(() => undefined);
      }
    }
  } catch (cause) {
    if (cause instanceof RemoteError) throw new Refusal(1, cause.message);
    throw cause;
  } finally {
    process.off("SIGINT", end);
    process.off("SIGTERM", end);
  }
  if (broken) throw new Refusal(1, `the output cannot be written: ${broken.message}`);
  return 0;
}

type FeedEvent = Exclude<FeedItem, { type: "connected" | "disconnected" }>;

function linesFor(event: FeedEvent, wanted: Wanted | undefined, { json }: WatchArgs, look: WatchLook): string[] {
  const isOther = event.type === "missed" || wanted === undefined;
  const events = isOther ? [event] : wanted.take(event);
  return events.flatMap((one) => (json ? [escapedControls(JSON.stringify(one))] : linesOf(one, look)));
}

/** Read each time: a terminal may become wider, or narrower. */
function lookOf({ full }: WatchArgs, { env, isTerminal }: Io, { columns }: NodeJS.WriteStream): WatchLook {
  const isOut = isTerminal?.out === true;
  return { full, colours: hasColours(env, isOut), width: isOut ? (columns ?? 80) : WIDTH_ELSEWHERE };
}

/** How the connection is: on stderr, and the same only once. */
function noticesTo(
  router: RemoteRouter,
  io: Io,
): (item: Extract<FeedItem, { type: "connected" | "disconnected" }>) => void {
  let last = "";
  let times = 0;
  return (item) => {
    const isThere = item.type === "connected";
    if (isThere) times++;
    const text = isThere
      ? `${times > 1 ? "connected again to" : "watching"} ${router.base}`
      : `${terminalLine(item.reason)}: trying again`;
    if (text !== last) io.err(text);
    last = text;
  };
}

/** `provder:claude` would be a word like others, that nothing has. */
function warnOfSlip(filter: string, io: Io): void {
  for (const [, name = ""] of filter.matchAll(/(?:^|\s)([a-z]+):/gi)) {
    if (FILTER_NAMES.some((known) => known === name.toLowerCase())) continue;
    const meant = nearest(name, FILTER_NAMES);
    if (meant !== undefined) io.err(`the filter's "${name}:" is looked for as a word; did you mean "${meant}:"?`);
  }
}
