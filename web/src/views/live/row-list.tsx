import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { FilterName } from "../../live/filter.ts";
import type { LiveRow } from "../../live/row.ts";
import { countText } from "../../parts/format.ts";
import { useMedia } from "../../parts/use-media.ts";
import type { Older } from "./older.ts";
import { ExchangeLine } from "./row.tsx";

interface RowListProps {
  rows: readonly LiveRow[];
  older: Older;
  selected: string | undefined;
  isScrolled: boolean;
  setScrolled(isScrolled: boolean): void;
  /** So many came since the list was held. */
  waiting: number;
  /** Lets the list run again. */
  release(): void;
  pick(name: FilterName, value: string): void;
}

/** As in live.css. */
const WIDE_PX = 46;
const NARROW_PX = 118;
/** The heads of the columns stay in view above the rows. */
const HEADS_PX = 26;
/** Older ones are asked for when so few are left below. */
const AHEAD = 30;

/** Draws only the rows that are seen, however many there are. */
export function RowList(props: RowListProps) {
  const { rows, older, selected, isScrolled, setScrolled, waiting, release, pick } = props;
  const isNarrow = useMedia("(max-width: 700px)");
  const scroller = useRef<HTMLDivElement>(null);
  const heightPx = isNarrow ? NARROW_PX : WIDE_PX;
  const headsPx = isNarrow ? 0 : HEADS_PX;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => heightPx,
    overscan: 8,
    scrollMargin: headsPx,
    scrollPaddingStart: headsPx,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes are anew when they change
  useEffect(() => virtual.measure(), [heightPx]);
  const at = selected === undefined ? -1 : rows.findIndex(({ id }) => id === selected);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a step of the selection scrolls
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at);
  }, [selected]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { more, isLoading, error } = older;
  useEffect(() => {
    if (last >= rows.length - AHEAD && !isLoading && !error) more();
  }, [last, rows.length, isLoading, error, more]);
  const toTop = () => {
    release();
    scroller.current?.scrollTo({ top: 0 });
  };
  return (
    <div className="live-list">
      {(isScrolled || selected !== undefined) && waiting > 0 && (
        <button type="button" className="primary to-top" onClick={toTop}>
          ↑ {countText(waiting)} new
        </button>
      )}
      <div
        ref={scroller}
        className="live-scroll"
        onScroll={(event) => setScrolled(event.currentTarget.scrollTop > heightPx / 2)}
      >
        <Heads />
        <ul className="live-rows" aria-label="Exchanges, newest first" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = rows[index];
            return (
              row && <ExchangeLine key={row.id} row={row} top={start - headsPx} isSelected={index === at} pick={pick} />
            );
          })}
        </ul>
        <End older={older} />
      </div>
    </div>
  );
}

/** What the columns hold, for those who see them; each cell says it for those who do not. */
function Heads() {
  return (
    <div className="line line-heads" aria-hidden="true">
      <span className="cell-time">time</span>
      <span className="cell-who">client</span>
      <span className="cell-way">asked for → sent to</span>
      <span className="cell-said">prompt, answer</span>
      <span className="cell-tokens">tokens</span>
      <span className="cell-cost">cost</span>
      <span className="cell-took">took</span>
      <span className="cell-outcome">outcome</span>
    </div>
  );
}

function End({ older }: { older: Older }) {
  if (older.error) {
    return (
      <p className="live-end">
        No older ones: {older.error.message}{" "}
        <button type="button" onClick={() => older.more()}>
          Try again
        </button>
      </p>
    );
  }
  if (older.isLoading) return <p className="live-end">Loading older ones…</p>;
  if (older.isEnd) return <p className="live-end">That is all.</p>;
  return (
    <p className="live-end">
      <button type="button" onClick={() => older.more()}>
        Look further back
      </button>
    </p>
  );
}
