import { useId, useRef } from "react";
import { AnswerView } from "./answer-view.tsx";
import { Forecast } from "./forecast.tsx";
import type { ToolResult } from "./formats/format.ts";
import { FORMATS, formatNamed } from "./formats/index.ts";
import type { Entry, Lane, Session } from "./session.ts";
import { useFollow } from "./use-follow.ts";

interface Props {
  /** For those who cannot see that there are two. */
  name: string;
  index: number;
  lane: Lane;
  session: Session;
  draft: string;
  sendResults(results: ToolResult[]): void;
}

/** One conversation with one model through one API. */
export function LaneView({ name, index, lane, session, draft, sendResults }: Props) {
  return (
    <section className="lane" aria-label={name}>
      <LaneHead index={index} lane={lane} session={session} />
      <Forecast session={session} index={index} draft={draft} />
      <Conversation name={name} lane={lane} sendResults={sendResults} />
    </section>
  );
}

function LaneHead({ index, lane, session }: Pick<Props, "index" | "lane" | "session">) {
  const id = useId();
  return (
    <header className="lane-head">
      <span className="lane-field lane-model">
        <label htmlFor={`${id}-model`}>Model</label>
        <input
          id={`${id}-model`}
          className="mono"
          list="playground-models"
          spellCheck={false}
          autoComplete="off"
          placeholder="as a client would name it"
          value={lane.model}
          onChange={(event) => session.setLane(index, { model: event.target.value })}
        />
      </span>
      <span className="lane-field">
        <label htmlFor={`${id}-format`}>through</label>
        <select
          id={`${id}-format`}
          value={lane.format}
          onChange={(event) => session.setLane(index, { format: event.target.value })}
        >
          {FORMATS.map(({ name, label }) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </span>
    </header>
  );
}

function Conversation({ name, lane, sendResults }: Pick<Props, "name" | "lane" | "sendResults">) {
  const box = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  useFollow(box, content);
  const format = formatNamed(lane.format);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="conversation" ref={box} tabIndex={0} aria-label={`${name}: what was said`}>
      <div ref={content}>
        {lane.entries.length === 0 && (
          <p className="soft">
            Each message goes to <code>POST {format.path(lane.model)}</code>, as a client of this API would send it.
          </p>
        )}
        {lane.entries.map((entry, place) => (
          <EntryView
            key={place}
            entry={entry}
            sendResults={place === lane.entries.length - 1 ? sendResults : undefined}
          />
        ))}
      </div>
    </section>
  );
}

/** `sendResults`: it is the last, so its calls wait for an answer. */
function EntryView({ entry, sendResults }: { entry: Entry; sendResults: Props["sendResults"] | undefined }) {
  if (entry.role === "answer") return <AnswerView answer={entry} sendResults={sendResults} />;
  if (entry.role === "user") {
    return (
      <article className="turn turn-user" aria-label="You">
        <p className="said">{entry.text}</p>
      </article>
    );
  }
  return (
    <article className="turn turn-tool" aria-label="Results of tools">
      {entry.results.map(({ id, name, text }) => (
        <p key={id} className="said">
          <span className="soft">{name}: </span>
          {text}
        </p>
      ))}
    </article>
  );
}
