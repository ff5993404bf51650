import { useMemo } from "react";
import type { Stats } from "../../../../src/api/stats.ts";
import type { ChartLine } from "../../charts/data/line.ts";
import { type Paint, SLOTS, slotsOf } from "../../charts/data/palette.ts";
import { layersOf } from "../../charts/data/series.ts";
import { Segments } from "../../charts/segments.tsx";
import { TimeChart } from "../../charts/time-chart.tsx";
import type { Watching } from "./figure.tsx";
import { GroupTable } from "./group-table.tsx";
import { GROUPING_NAMES, GROUPING_TITLES } from "./grouping.ts";
import { MEASURES } from "./measures.ts";
import type { Outlook } from "./range.ts";

interface GroupsProps {
  stats: Stats;
  outlook: Outlook;
  hrefOf(outlook: Outlook): string;
  watching: Watching;
}

/** By provider, model, tag, client or rule: who had how much of it, over time and as a table. */
export function Groups({ stats, outlook, hrefOf, watching }: GroupsProps) {
  // While another grouping is asked for, what is shown is still the one before.
  const by = stats.by ?? outlook.by;
  const measure = MEASURES.find(({ name }) => name === outlook.measure) ?? MEASURES[0];
  const paints = useMemo(() => paintsOf(stats), [stats]);
  const lines = useMemo(
    () =>
      layersOf(stats, measure.pick, SLOTS).map(
        ({ key, values }): ChartLine => ({ key, label: key, values, paint: paints.get(key) ?? "rest" }),
      ),
    [stats, measure, paints],
  );
  const shows = MEASURES.map(({ name, words }) => ({ name, words, href: hrefOf({ ...outlook, measure: name }) }));
  const groupings = GROUPING_NAMES.map((name) => ({
    name,
    words: GROUPING_TITLES[name],
    href: hrefOf({ ...outlook, by: name }),
  }));
  const title = `${measure.words} by ${GROUPING_TITLES[by].toLowerCase()}`;
  return (
    <section className="panel" aria-label={title}>
      <header className="panel-head">
        <h2>{title}</h2>
        <div className="groups-choice">
          <Segments label="What is shown" chosen={measure.name} of={shows} />
          <Segments label="Grouped by" chosen={outlook.by} of={groupings} />
        </div>
      </header>
      {lines.length === 0 ? (
        <p className="soft groups-nothing">No {measure.words.toLowerCase()} in this time.</p>
      ) : (
        <TimeChart title={title} kind="bars" lines={lines} format={measure.text} height={240} {...watching} />
      )}
      {by === "tag" && <p className="soft">A request with several tags counts for each of them.</p>}
      <GroupTable by={by} groups={stats.groups} paints={paints} />
    </section>
  );
}

/** The groups with most requests have a slot; whatever else is drawn is one of the rest. */
function paintsOf({ groups }: Stats): Map<string, Paint> {
  return new Map<string, Paint>(slotsOf(groups.slice(0, SLOTS).map(({ key }) => key)));
}
