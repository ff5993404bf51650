import { useMemo, useState } from "react";
import type { Stats } from "../../../../src/api/stats.ts";
import type { Paint } from "../../charts/data/palette.ts";
import { Swatch } from "../../charts/swatch.tsx";
import { GROUPING_TITLES, type Grouping, listHref } from "./grouping.ts";
import { GROUP_COLUMNS, type GroupColumn, type Sorting, sorted } from "./measures.ts";

type Group = Stats["groups"][number];

interface GroupTableProps {
  by: Grouping;
  groups: readonly Group[];
  paints: ReadonlyMap<string, Paint>;
}

/** The groups with all their measures, sorted by any of them. */
export function GroupTable({ by, groups, paints }: GroupTableProps) {
  const [sorting, setSorting] = useState<Sorting>({ column: "Requests", isUp: false });
  const rows = useMemo(() => sorted(groups, sorting), [groups, sorting]);
  const label = `By ${GROUPING_TITLES[by].toLowerCase()}`;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="table-scroll groups-table" tabIndex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            <SortHead name={GROUPING_TITLES[by]} column="key" sorting={sorting} sort={setSorting} isText />
            {GROUP_COLUMNS.map(({ name, title }) => (
              <SortHead key={name} name={name} title={title} column={name} sorting={sorting} sort={setSorting} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((group) => (
            <tr key={group.key}>
              <th scope="row">
                <span className="groups-key">
                  <Swatch paint={paints.get(group.key) ?? "rest"} />
                  <Key by={by} name={group.key} />
                </span>
              </th>
              {GROUP_COLUMNS.map((column) => (
                <Cell key={column.name} column={column} group={group} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Key({ by, name }: { by: Grouping; name: string }) {
  const href = listHref(by, name);
  if (href === undefined) return <span className="soft">{name}</span>;
  return (
    <a href={href} title={`The exchanges of ${name}`}>
      {name}
    </a>
  );
}

function Cell({ column, group: { total } }: { column: GroupColumn; group: Group }) {
  const value = column.pick(total);
  if (value === null)
    return (
      <td className="numeric soft">
        <span aria-hidden="true">–</span>
        <span className="hidden">not known</span>
      </td>
    );
  const isBad = value > 0 && (column.name === "Errors" || column.name === "Error rate");
  const tone = value === 0 ? "numeric soft" : isBad ? "numeric bad" : "numeric";
  return <td className={tone}>{column.text(value)}</td>;
}

interface SortHeadProps {
  name: string;
  title?: string;
  column: string;
  sorting: Sorting;
  isText?: boolean;
  sort(sorting: Sorting): void;
}

function SortHead({ name, title, column, sorting, isText = false, sort }: SortHeadProps) {
  const isChosen = sorting.column === column;
  const order = isChosen ? (sorting.isUp ? "ascending" : "descending") : undefined;
  const sign = isChosen ? (sorting.isUp ? "↑" : "↓") : "";
  return (
    <th scope="col" aria-sort={order} className={isText ? undefined : "numeric"}>
      <button
        type="button"
        className="quiet sort"
        title={title}
        onClick={() => sort({ column, isUp: isChosen ? !sorting.isUp : isText })}
      >
        {name}
        <span className="sort-sign" aria-hidden="true">
          {sign}
        </span>
      </button>
    </th>
  );
}
