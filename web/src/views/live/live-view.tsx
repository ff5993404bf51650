import { useMemo, useState } from "react";
import { useApp } from "../../app/context.ts";
import { useKeys } from "../../app/keyboard.ts";
import { go, hrefOf, replacePlace } from "../../app/routes.ts";
import { type Filter, type FilterName, filterOf, isEmptyFilter } from "../../live/filter.ts";
import type { LiveRow } from "../../live/row.ts";
import { ClientLines } from "../../parts/client-lines.tsx";
import { Empty } from "../../parts/parts.tsx";
import "./live.css";
import { RowList } from "./row-list.tsx";
import { Toolbar } from "./toolbar.tsx";
import { useRows } from "./use-rows.ts";

/** Each exchange as it happens, those under way on top; behind them what the store has. `params`: the filter; `from`: the exchange it is come back from. */
export function LiveView({ params, from }: { params: URLSearchParams; from: string | undefined }) {
  const { live } = useApp();
  const text = params.toString();
  const filter = useMemo(() => filterOf(new URLSearchParams(text)), [text]);
  const [isPaused, setPaused] = useState(false);
  const [isScrolled, setScrolled] = useState(false);
  const [selected, setSelected] = useState(() => (from !== undefined && live.find(from) ? from : undefined));
  const { rows, waiting, older } = useRows(filter, isPaused || isScrolled || selected !== undefined, isPaused);
  useRowKeys(rows, selected, setSelected, () => setPaused((before) => !before));
  const change = (after: Filter) => {
    setSelected(undefined);
    replacePlace(hrefOf("live", { params: after }));
  };
  const isEmpty = rows.length === 0 && !older.isLoading && waiting === 0;
  return (
    <div className="live">
      <Toolbar
        filter={filter}
        change={change}
        rows={rows}
        isPaused={isPaused}
        waiting={waiting}
        pause={() => setPaused((before) => !before)}
      />
      {isEmpty ? (
        <Nothing filter={filter} clear={() => change({})} />
      ) : (
        <RowList
          rows={rows}
          older={older}
          selected={selected}
          isScrolled={isScrolled}
          setScrolled={setScrolled}
          waiting={waiting}
          release={() => setSelected(undefined)}
          pick={(name: FilterName, value: string) => change({ ...filter, [name]: value })}
        />
      )}
    </div>
  );
}

function Nothing({ filter, clear }: { filter: Filter; clear: () => void }) {
  if (!isEmptyFilter(filter)) {
    return (
      <Empty title="Nothing matches" hint="New exchanges that match will show up here.">
        <div>
          <button type="button" onClick={clear}>
            Show all
          </button>
        </div>
      </Empty>
    );
  }
  return (
    <Empty title="Waiting for the first request" hint="Send one with any of these: it shows up here as it happens.">
      <ClientLines />
    </Empty>
  );
}

function useRowKeys(
  rows: readonly LiveRow[],
  selected: string | undefined,
  select: (id: string | undefined) => void,
  pause: () => void,
): void {
  const step = (by: 1 | -1) => {
    const at = rows.findIndex(({ id }) => id === selected);
    const next = at === -1 ? rows[0] : rows[at + by];
    if (next) select(next.id);
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    p: pause,
    Enter: () => {
      if (selected !== undefined) go(hrefOf("exchanges", { id: selected }));
    },
    Escape: () => select(undefined),
  });
}
