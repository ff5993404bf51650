import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { RouterEvent } from "../../../src/record/events.ts";
import { countedText } from "../charts/data/rates.ts";
import { Api } from "../client/api.ts";
import { type Connection, FeedClient } from "../client/feed.ts";
import { LiveStore } from "../live/live-store.ts";
import { Toasts, type ToastText } from "./banner.tsx";
import { AppContext } from "./context.ts";
import { Shell } from "./shell.tsx";

const TOAST_MS = 6_000;
const MAX_TOASTS = 4;

/** The page: one API client, one feed, one book of exchanges for all views. */
export function AppRoot({ apiKey }: { apiKey: string | undefined }) {
  const [connection, setConnection] = useState<Connection>({ state: "connecting" });
  const api = useMemo(() => new Api(apiKey), [apiKey]);
  const live = useMemo(() => new LiveStore(), []);
  const [toasts, toast] = useToasts();
  const feed = useMemo(
    () =>
      new FeedClient({
        open: (lastId, signal) => {
          const headers: Record<string, string> = lastId === undefined ? {} : { "last-event-id": lastId };
          return api.fetch("/dashboard/events?progress=1", { headers, signal });
        },
        onEvent: (event) => live.take(event),
        onGap: () => live.gap(),
        onState: setConnection,
      }),
    [api, live],
  );
  useEffect(() => {
    feed.start();
    // Who comes back to the page does not wait for the next try.
    const retry = () => document.hidden || feed.retryNow();
    document.addEventListener("visibilitychange", retry);
    return () => {
      document.removeEventListener("visibilitychange", retry);
      feed.stop();
    };
  }, [feed]);
  useEffect(
    () =>
      live.onBatch((events) => {
        for (const event of events) tellOf(event, toast);
      }),
    [live, toast],
  );
  const app = useMemo(
    () => ({ api, live, connection, toast, reconnect: () => feed.retryNow() }),
    [api, live, connection, toast, feed],
  );
  return (
    <AppContext value={app}>
      <Shell />
      <Toasts toasts={toasts} />
    </AppContext>
  );
}

type Toast = (text: string, tone?: ToastText["tone"]) => void;

function useToasts(): [ToastText[], Toast] {
  const [toasts, setToasts] = useState<ToastText[]>([]);
  const count = useRef(0);
  const toast = useCallback<Toast>((text, tone = "plain") => {
    const id = ++count.current;
    setToasts((before) => [...before, { id, text, tone }].slice(-MAX_TOASTS));
    setTimeout(() => setToasts((before) => before.filter((each) => each.id !== id)), TOAST_MS);
  }, []);
  return [toasts, toast];
}

/** What happens to the router itself is told on every view. */
function tellOf(event: RouterEvent, toast: Toast): void {
  if (event.type === "config") {
    if (event.ok && event.source === "rollback") toast(event.problems[0] ?? "The config before answers again", "bad");
    else if (event.ok)
      toast(`Config version ${event.version} answers now: ${countedText(event.changes.length, "change")}`);
    else toast(`The new config was not taken: ${event.problems[0] ?? "see the router's output"}`, "bad");
  } else if (event.type === "provider" && event.alarm !== null) {
    toast(`${event.provider}: ${event.reason}`, "bad");
  } else if (event.type === "log" && !event.ok) {
    toast(`The log is not written: ${event.error ?? event.path}`, "bad");
  }
}
