import type { AttemptRecord } from "../../../../src/record/events.ts";
import { type Bar, type BarKind, waterfallOf } from "../../exchange/waterfall.ts";
import type { LiveRow } from "../../live/row.ts";
import { durationText } from "../../parts/format.ts";
import { Panel, Pill } from "../../parts/parts.tsx";

const NAMES: Record<BarKind, string> = {
  router: "router",
  queue: "queue",
  connect: "connect",
  headers: "until headers",
  "first-token": "until first token",
  stream: "stream",
  body: "rest of the answer",
};

/** Where the time went, attempt by attempt. */
export function Timings({ row, attempts }: { row: LiveRow; attempts: readonly AttemptRecord[] }) {
  const isFlying = row.endedMs === undefined;
  const durationMs = row.durationMs ?? row.heardMs - row.startedMs;
  const { totalMs, lanes } = waterfallOf(attempts, durationMs, row.timeToFirstTokenMs);
  return (
    <Panel title={attempts.length > 1 ? "Timings and attempts" : "Timings"}>
      {(isFlying && attempts.length === 0 ? [] : lanes).map(({ attempt, bars }, index) => (
        <div className="ex-lane" key={`${index} ${attempt?.at_ms}`}>
          {attempt ? <LaneHead attempt={attempt} /> : <div>before it was sent</div>}
          <div className="ex-lane-track" aria-hidden="true">
            {bars.map((bar) => (
              <span
                key={bar.kind}
                className={`bar bar-${bar.kind}`}
                title={barText(bar)}
                style={{ left: share(bar.startMs, totalMs), width: share(bar.ms, totalMs) }}
              />
            ))}
          </div>
          <div className="ex-lane-steps soft">
            {bars.map((bar) => (
              <span key={bar.kind}>
                <span className={`bar bar-sign bar-${bar.kind}`} aria-hidden="true" />
                {barText(bar)}
              </span>
            ))}
          </div>
          {attempt?.error !== undefined && <p className="bad">{attempt.error}</p>}
          {attempt?.continued && (
            <p className="soft">
              Went on where {attempt.continued.from.provider} ended, after {attempt.continued.offset} characters.
            </p>
          )}
        </div>
      ))}
      {isFlying && <Underway row={row} />}
      {!isFlying && attempts.length === 0 && <p className="soft">Nothing was sent to a provider.</p>}
    </Panel>
  );
}

/** How long an attempt was under way is known when it is over. */
function Underway({ row }: { row: LiveRow }) {
  const { provider, timeToFirstTokenMs } = row;
  const first = timeToFirstTokenMs === null ? "" : `, first token after ${durationText(timeToFirstTokenMs)}`;
  return (
    <p className="soft">
      {provider === null ? "Not sent yet" : `Under way at ${provider}`}
      {first}. An attempt is drawn when it is over.
    </p>
  );
}

function LaneHead({ attempt }: { attempt: AttemptRecord }) {
  const { provider, model, outcome, status, hedge, at_ms } = attempt;
  return (
    <div className="ex-lane-head">
      <span className="ellipsis">
        {provider} <span className="soft">· {model}</span>
      </span>
      <span>
        {hedge && <Pill title="Sent beside a slow one">hedge</Pill>}{" "}
        <Pill tone={outcome === "ok" ? "good" : outcome === "cancelled" ? "plain" : "bad"}>
          {outcome}
          {status !== undefined && ` ${status}`}
        </Pill>{" "}
        <span className="soft number">at {durationText(at_ms)}</span>
      </span>
    </div>
  );
}

function barText({ kind, ms }: Bar): string {
  return `${NAMES[kind]} ${durationText(ms)}`;
}

function share(ms: number, totalMs: number): string {
  return `${((100 * ms) / totalMs).toFixed(2)}%`;
}
