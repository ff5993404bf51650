import { useEffect, useRef, useState } from "react";
import { useBook } from "../../app/context.ts";
import { FILTERS, type Filter, type FilterName } from "../../live/filter.ts";
import type { LiveRow } from "../../live/row.ts";
import { countText, moneyText } from "../../parts/format.ts";
import { useNow } from "../../parts/values.tsx";

interface ToolbarProps {
  filter: Filter;
  change(filter: Filter): void;
  rows: readonly LiveRow[];
  isPaused: boolean;
  waiting: number;
  pause(): void;
}

export function Toolbar({ filter, change, rows, isPaused, waiting, pause }: ToolbarProps) {
  return (
    <div className="live-bar">
      <Search filter={filter} change={change} />
      <button
        type="button"
        aria-pressed={filter.outcome === "error"}
        onClick={() => change(without(filter, "outcome", filter.outcome === "error" ? undefined : "error"))}
      >
        Failed
      </button>
      <AddFilter filter={filter} change={change} rows={rows} />
      {FILTERS.map((name) => {
        const value = filter[name];
        if (value === undefined || (name === "outcome" && value === "error")) return null;
        return (
          <button
            key={name}
            type="button"
            className="chip"
            aria-label={`Remove the filter ${name} ${value}`}
            onClick={() => change(without(filter, name))}
          >
            <span className="soft">{name}</span> <span className="chip-value ellipsis">{value}</span>
            <span aria-hidden="true">×</span>
          </button>
        );
      })}
      <Rates />
      <button type="button" className="pause" aria-pressed={isPaused} onClick={pause} title="p">
        {isPaused ? `Resume${waiting > 0 ? ` · ${countText(waiting)} new` : ""}` : "Pause"}
      </button>
    </div>
  );
}

/** The filter with one name set anew, or left out. */
function without(filter: Filter, name: FilterName, value?: string): Filter {
  const { [name]: _before, ...rest } = filter;
  return value === undefined ? rest : { ...rest, [name]: value };
}

const RATE_SECONDS = 10;

/** What happened since the page was opened, and how fast it happens now. */
function Rates() {
  const { completed, failed, outputTokens, costUsd } = useBook();
  const nowMs = useNow();
  const samples = useRef<{ nowMs: number; completed: number; outputTokens: number }[]>([]);
  if (samples.current.at(-1)?.nowMs !== nowMs) {
    samples.current = [...samples.current, { nowMs, completed, outputTokens }].slice(-RATE_SECONDS - 1);
  }
  const [first] = samples.current;
  const seconds = first === undefined ? 0 : (nowMs - first.nowMs) / 1_000;
  const perSecond = (now: number, then: number) => (seconds === 0 ? 0 : (now - then) / seconds);
  const rate = perSecond(completed, first?.completed ?? 0);
  const speed = perSecond(outputTokens, first?.outputTokens ?? 0);
  return (
    <span className="live-counts number" title="Since this page was opened; per second: of the last ten">
      {rate > 0 && <span className="wide-only">{rate.toFixed(1)}/s · </span>}
      {speed > 0 && <span className="wide-only">{countText(Math.round(speed))} tok/s · </span>}
      {costUsd > 0 && <span>{moneyText(costUsd)} · </span>}
      <span className="live-done">{countText(completed)} done</span>
      {failed > 0 && <span className="bad"> · {countText(failed)} failed</span>}
    </span>
  );
}

const TYPING_MS = 150;

function Search({ filter, change }: { filter: Filter; change(filter: Filter): void }) {
  const wanted = filter.q ?? "";
  const [text, setText] = useState(wanted);
  const told = useRef(wanted);
  useEffect(() => {
    // The address changed by itself: a link, or the browser's back.
    if (wanted !== told.current) setText(wanted);
    told.current = wanted;
  }, [wanted]);
  const tell = useRef(change);
  tell.current = (after) => {
    const { q: _before, ...rest } = filter;
    change(after.q === undefined || after.q === "" ? rest : { ...rest, q: after.q });
  };
  useEffect(() => {
    if (text === told.current) return;
    const timer = setTimeout(() => {
      told.current = text;
      tell.current({ q: text });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input
      type="search"
      className="live-search"
      data-search=""
      aria-label="Search exchanges"
      placeholder="Search   /"
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}

const OFFERED: readonly [FilterName, (row: LiveRow) => readonly (string | null)[]][] = [
  ["provider", (row) => [row.provider]],
  ["tag", (row) => [...row.tags, ...row.responseTags]],
  ["agent", (row) => [row.agent]],
  ["client", (row) => [row.client]],
  ["model", (row) => [row.requestedModel, row.sentModel]],
  ["rule", (row) => [row.rule]],
  ["outcome", (row) => [row.outcome]],
];
const MAX_OFFERED = 30;

/** Offers what the rows have, as they are when it is opened. */
function AddFilter({ filter, change, rows }: Pick<ToolbarProps, "filter" | "change" | "rows">) {
  const [offered, setOffered] = useState<[FilterName, string[]][]>([]);
  const look = () => setOffered(OFFERED.map(([name, valuesOf]) => [name, valuesIn(rows, valuesOf)]));
  return (
    <select
      aria-label="Add a filter"
      value=""
      onPointerDown={look}
      onFocus={look}
      onChange={(event) => {
        const [name, value] = splitAt(event.target.value);
        const known = FILTERS.find((each) => each === name);
        if (known) change(without(filter, known, value));
      }}
    >
      <option value="">Filter…</option>
      {offered.map(([name, values]) => (
        <optgroup key={name} label={name}>
          {values.map((value) => (
            <option key={value} value={`${name}=${value}`}>
              {value}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}

function valuesIn(rows: readonly LiveRow[], valuesOf: (row: LiveRow) => readonly (string | null)[]): string[] {
  const values = new Set<string>();
  for (const row of rows) for (const value of valuesOf(row)) if (value !== null && value !== "") values.add(value);
  return [...values].toSorted().slice(0, MAX_OFFERED);
}

function splitAt(text: string): [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}
