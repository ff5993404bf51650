import { memo, type ReactNode } from "react";
import { hrefOf } from "../../app/routes.ts";
import { isFailure } from "../../live/book.ts";
import type { FilterName } from "../../live/filter.ts";
import { phaseOf, tokensPerSecond } from "../../live/rate.ts";
import type { LiveRow } from "../../live/row.ts";
import { clockText, countText, durationText, momentText } from "../../parts/format.ts";
import { Duration, Money, Tokens, useNow } from "../../parts/values.tsx";

type Pick = (name: FilterName, value: string) => void;

interface LineProps {
  row: LiveRow;
  /** Px from the top of the list. */
  top: number;
  isSelected: boolean;
  pick: Pick;
}

/** One exchange: drawn again only when its row is another one, or its place. */
export const ExchangeLine = memo(function ExchangeLine({ row, top, isSelected, pick }: LineProps) {
  const isFlying = row.endedMs === undefined;
  const state = isFlying ? "flying" : isFailure(row.outcome) ? "failed" : "over";
  return (
    <li
      className={`line line-${state}${isSelected ? " line-selected" : ""}`}
      style={{ transform: `translateY(${top}px)` }}
      aria-current={isSelected || undefined}
    >
      <div className="cell-time">
        <a className="row-link" href={hrefOf("exchanges", { id: row.id })} aria-label={nameOf(row)}>
          <time dateTime={new Date(row.startedMs).toISOString()} title={momentText(row.startedMs)}>
            {clockText(row.startedMs)}
          </time>
        </a>
        <div className="second">{row.client}</div>
      </div>
      <Who row={row} pick={pick} />
      <Way row={row} pick={pick} />
      <Said row={row} />
      <Figures row={row} />
      <div className="cell-outcome">
        <div className="phase ellipsis">
          {isFlying && <span className="pulse" aria-hidden="true" />}
          {phaseOf(row)}
        </div>
        <div className="second ellipsis">{marksOf(row)}</div>
      </div>
    </li>
  );
}, isSame);

function isSame(before: LineProps, after: LineProps): boolean {
  // `pick` is another function each time and does the same.
  return before.row === after.row && before.top === after.top && before.isSelected === after.isSelected;
}

function nameOf(row: LiveRow): string {
  const way = row.provider === null ? "" : ` to ${row.provider}`;
  return `${clockText(row.startedMs)}: ${row.agent ?? row.client ?? "a client"}${way}, ${phaseOf(row)}`;
}

function Filtering({
  name,
  value,
  pick,
  children,
}: {
  name: FilterName;
  value: string;
  pick: Pick;
  children?: ReactNode;
}) {
  return (
    <button type="button" className="filtering" title={`Only ${name} ${value}`} onClick={() => pick(name, value)}>
      {children ?? value}
    </button>
  );
}

function Who({ row, pick }: { row: LiveRow; pick: Pick }) {
  return (
    <div className="cell-who">
      <div className="ellipsis">{row.agent !== null && <Filtering name="agent" value={row.agent} pick={pick} />}</div>
      <div className="second ellipsis">
        {row.session !== null && (
          <Filtering name="session" value={row.session} pick={pick}>
            <span className="mono">{row.session.length > 12 ? row.session.slice(0, 8) : row.session}</span>
          </Filtering>
        )}
      </div>
    </div>
  );
}

function Way({ row, pick }: { row: LiveRow; pick: Pick }) {
  const { provider, sentModel, requestedModel } = row;
  return (
    <div className="cell-way">
      <div className="ellipsis">
        {sentModel !== requestedModel && <span className="soft">{requestedModel ?? "?"} </span>}
        <span className="soft">→ </span>
        {provider === null ? (
          <span className="soft">…</span>
        ) : (
          <Filtering name="provider" value={provider} pick={pick} />
        )}
        {sentModel !== null && <span className="soft"> · </span>}
        <bdi>{sentModel}</bdi>
      </div>
      <div className="second ellipsis">
        {[...row.tags, ...row.responseTags].map((tag, index) => (
          <span key={`${index} ${tag}`} className="pill pill-accent">
            <Filtering name="tag" value={tag} pick={pick} />
          </span>
        ))}
        {row.plugins.map((plugin) => (
          <span key={plugin} className="pill" title={`Plugin ${plugin} acted`}>
            {plugin}
          </span>
        ))}
        <span title={row.rule ?? undefined}>{row.rule}</span>
      </div>
    </div>
  );
}

/** Only the end of what streams is of interest, and only so much fits. */
const TAIL_CHARS = 160;

function Said({ row }: { row: LiveRow }) {
  return (
    <div className="cell-said">
      <div className="ellipsis prompt">{row.preview}</div>
      {answerOf(row)}
    </div>
  );
}

function answerOf(row: LiveRow): ReactNode {
  if (row.error !== null) return <div className="second ellipsis bad">{row.error}</div>;
  if (row.endedMs !== undefined) {
    const call = row.text === "" && row.tool !== null ? `calls ${row.tool}` : row.text;
    return <div className="second ellipsis">{call}</div>;
  }
  const isThinking = row.text === "" && row.reasoning !== "";
  return (
    <div className={`second tail${isThinking ? " tail-thinking" : ""}`}>
      <bdi>{(isThinking ? row.reasoning : row.text).slice(-TAIL_CHARS)}</bdi>
    </div>
  );
}

function Figures({ row }: { row: LiveRow }) {
  const isFlying = row.endedMs === undefined;
  const rate = tokensPerSecond(row);
  const cached = row.usage?.cached_read_tokens ?? 0;
  const input = row.usage?.input_tokens ?? 0;
  return (
    <>
      <div className="cell-tokens">
        <div className="number">
          {row.usage && (
            <>
              <Tokens count={input} estimated={!row.usage.reported} /> <span className="soft">→</span>{" "}
            </>
          )}
          <Tokens count={row.outputTokens} estimated={isFlying} />
        </div>
        <div className="second">{rate !== undefined && `${countText(Math.round(rate))} tok/s`}</div>
      </div>
      <div className="cell-cost">
        {isFlying ? null : <Money cost={row.cost} />}
        <div className="second">{cached > 0 && `${Math.round((100 * cached) / input)} % cached`}</div>
      </div>
      <div className="cell-took">
        {isFlying ? <Elapsed sinceMs={row.startedMs} /> : <Duration ms={row.durationMs} />}
        <div className="second" title="Time to the first token">
          {row.timeToFirstTokenMs !== null && `first ${durationText(row.timeToFirstTokenMs)}`}
        </div>
      </div>
    </>
  );
}

function Elapsed({ sinceMs }: { sinceMs: number }) {
  const seconds = Math.max(0, Math.floor((useNow() - sinceMs) / 1_000));
  return <span className="number soft">{seconds} s</span>;
}

function marksOf(row: LiveRow): string {
  const marks = [
    row.attemptCount > 1 ? `${row.attemptCount} attempts` : "",
    row.losses > 0 ? `${row.losses} ${row.losses === 1 ? "loss" : "losses"}` : "",
    row.warningCount > 0 ? `${row.warningCount} ${row.warningCount === 1 ? "warning" : "warnings"}` : "",
  ];
  return marks.filter(Boolean).join(" · ");
}
