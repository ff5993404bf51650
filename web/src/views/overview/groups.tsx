import { useMemo } from "react";
import type { Stats } from "../../../../src/api/stats.ts";
import type { ChartLine } from "../../charts/data/line.ts";
import { type Paint, SLOTS, slotsOf } from "../../charts/data/palette.ts";
import { layersOf, type Measure } from "../../charts/data/series.ts";
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
  const { lines, paints } = useMemo(() => linesOf(stats, measure.pick), [stats, measure]);
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

/** Those with most of it have a slot each; what is beyond them is drawn as one. */
function linesOf(stats: Stats, pick: Measure): { lines: ChartLine[]; paints: Map<string, Paint> } {
  const layers = layersOf(stats, pick, SLOTS);
  const paints = new Map<string, Paint>(slotsOf(layers.map(({ key }) => key)));
  const lines = layers.map(({ key, values }) => ({ key, label: key, values, paint: paints.get(key) ?? "rest" }));
  return { lines, paints };
}
