import { agoText } from "../../parts/format.ts";
import { TimeAgo } from "../../parts/values.tsx";
import { alarmWords, type Live, type Provider, pauseWords } from "./words.ts";

interface TroubleProps {
  provider: Provider;
  live: Live;
  /** How long ago the router said so, ms. */
  ageMs: number;
}

/** What is wrong with a provider, why, for how long, and what its owner can do; nothing when all is well. */
export function Trouble({ provider, live, ageMs }: TroubleProps) {
  const { alarms, troubled_models: models } = live;
  if (live.state === "closed" && alarms.length + models.length === 0) return null;
  return (
    <ul className="trouble">
      {live.state !== "closed" && (
        <li className="trouble-bad">
          <strong>{live.state === "open" ? "Left alone" : "Pause over, one request tries it"}:</strong> {live.reason}
          {live.state === "open" && `; ${pauseWords(live.pause_ms, ageMs)}`}.
        </li>
      )}
      {alarms.map((alarm) => {
        const { what, remedy } = alarmWords(provider, alarm);
        const often = alarm.times === 1 ? "once" : `${alarm.times} times`;
        return (
          <li key={alarm.alarm} className="trouble-bad">
            <strong>{what}</strong> {remedy}{" "}
            <span className="soft">
              {alarm.reason}, {often}, last {agoText(alarm.ago_ms + ageMs)}
            </span>
          </li>
        );
      })}
      {models.map(({ model, state, reason, pause_ms, hold_ms }) => (
        <li key={model} className="trouble-warn">
          <strong>{model}</strong>{" "}
          {state === "closed"
            ? `asked to be left alone; ${pauseWords(hold_ms, ageMs)}`
            : `${state === "open" ? `is left alone: ${reason}; ${pauseWords(Math.max(pause_ms, hold_ms), ageMs)}` : `had its pause, one request tries it: ${reason}`}`}
          .
        </li>
      ))}
    </ul>
  );
}

/** The latest attempts that failed. */
export function LastErrors({ errors }: { errors: Live["last_errors"] }) {
  if (errors.length === 0) return <p className="soft">None lately.</p>;
  return (
    <ul className="last-errors">
      {errors.map(({ ts_ms, model, kind, status, message }, at) => (
        <li key={`${ts_ms} ${at}`}>
          <TimeAgo tsMs={ts_ms} /> <span className="pill pill-bad">{status === null ? kind : `${status} ${kind}`}</span>{" "}
          <span className="mono">{model}</span> <span className="soft">{message}</span>
        </li>
      ))}
    </ul>
  );
}
