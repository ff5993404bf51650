import type { Connection } from "../client/feed.ts";
import { useNow } from "../parts/values.tsx";
import { useApp } from "./context.ts";

const WORDS: Record<Connection["state"], string> = {
  connecting: "connecting",
  open: "live",
  lost: "lost",
  refused: "no access",
};

/** In one word, for the top bar. */
export function ConnectionState() {
  const { state } = useApp().connection;
  return (
    <span className={`connection connection-${state}`} role="status">
      <span className="dot" aria-hidden="true" />
      {WORDS[state]}
    </span>
  );
}

/** Says what is wrong with the connection, and what happens next; nothing while it stands. */
export function ConnectionBanner() {
  const { connection, reconnect } = useApp();
  const nowMs = useNow();
  if (connection.state === "lost") {
    const seconds = Math.max(0, Math.ceil((connection.retryAtMs - nowMs) / 1_000));
    return (
      <div className="banner banner-warn" role="alert">
        <span>
          Not live: {connection.problem}. What is shown may be old.{" "}
          <span aria-hidden="true">Next try in {seconds} s.</span>
        </span>
        <button type="button" onClick={reconnect}>
          Try now
        </button>
      </div>
    );
  }
  if (connection.state !== "refused") return null;
  return (
    <div className="banner banner-bad" role="alert">
      <span>No access: {connection.problem}.</span>
      <a href="/dashboard">Sign in</a>
    </div>
  );
}

export interface ToastText {
  id: number;
  text: string;
  tone: "plain" | "bad";
}

export function Toasts({ toasts }: { toasts: readonly ToastText[] }) {
  return (
    <div className="toasts" role="status" aria-live="polite">
      {toasts.map(({ id, text, tone }) => (
        <div key={id} className={`toast toast-${tone}`}>
          {text}
        </div>
      ))}
    </div>
  );
}
