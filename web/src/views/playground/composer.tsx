import type { KeyboardEvent } from "react";
import type { Session, SessionView } from "./session.ts";

interface Props {
  session: Session;
  view: SessionView;
  send(text: string): void;
}

/** What is asked next. Enter sends, Shift+Enter begins a line, Escape stops the answer. */
export function Composer({ session, view, send }: Props) {
  const isComparing = view.lanes.length > 1;
  const isEmpty = view.lanes.every(({ entries }) => entries.length === 0);
  const canSend = view.draft.trim() !== "" && !view.isBusy && view.lanes.every(({ model }) => model.trim() !== "");
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && view.isBusy) {
      event.preventDefault();
      session.stop();
    } else if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      if (canSend) send(view.draft);
    }
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        if (canSend) send(view.draft);
      }}
    >
      <textarea
        aria-label="Message"
        data-search
        rows={2}
        placeholder={isComparing ? "Ask both" : "Ask something"}
        value={view.draft}
        onChange={(event) => session.write(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="composer-actions">
        <label className="check">
          <input type="checkbox" checked={isComparing} onChange={(event) => session.compare(event.target.checked)} />{" "}
          Compare two
        </label>
        <span className="spacer" />
        <button type="button" disabled={isEmpty} onClick={() => session.clear()}>
          Clear
        </button>
        {view.isBusy ? (
          <button type="button" className="primary" onClick={() => session.stop()}>
            Stop
          </button>
        ) : (
          <button type="submit" className="primary" disabled={!canSend}>
            Send
          </button>
        )}
      </div>
    </form>
  );
}
