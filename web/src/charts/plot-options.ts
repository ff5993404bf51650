import uPlot from "uplot";
import type { ChartLine } from "./data/line.ts";
import { stackOf } from "./data/series.ts";
import { timeTicks } from "./data/ticks.ts";
import type { Colours } from "./paint.ts";

export interface Drawing {
  kind: "bars" | "lines";
  /** Stacked, the first at the bottom; or each for itself. */
  lines: readonly ChartLine[];
  /** Of the steps' middles, s. */
  times: readonly number[];
  beginS: number;
  endS: number;
  isSmall: boolean;
  format(value: number): string;
  /** The pointer is over that step. */
  onStep(step: number): void;
  /** A span was drawn with the pointer, s. */
  onZoom?: ((beginS: number, endS: number) => void) | undefined;
}

/** As uPlot takes it: of stacked ones the whole stack first, as those below are drawn over it. */
export function plotData({ kind, lines, times }: Drawing): uPlot.AlignedData {
  const xs = [...times];
  if (kind === "lines") return [xs, ...lines.map(({ values }) => values.map(positive))];
  return [xs, ...stackOf(lines.map(({ values }) => values.map((value) => value ?? 0))).reverse()];
}

/** `latest` gives what is drawn just now: the plot is kept while its data change. */
export function plotOptions(latest: () => Drawing, colours: Colours): Omit<uPlot.Options, "width" | "height"> {
  const { kind, lines, isSmall, onZoom } = latest();
  const drawn = kind === "bars" ? [...lines].reverse() : lines;
  return {
    legend: { show: false },
    padding: isSmall ? [4, 0, 0, 0] : [8, null, 0, 0],
    scales: {
      x: { time: true, range: () => [latest().beginS, latest().endS] },
      y: kind === "bars" ? { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] } : LOGARITHMIC,
    },
    cursor: {
      y: false,
      points: { show: kind === "lines", size: 7 },
      drag: { x: onZoom !== undefined, y: false, setScale: false, dist: 8 },
      move: (plot, left, top) => (left < 0 ? [left, top] : [middleOf(plot, plot.posToIdx(left)), top]),
    },
    axes: isSmall ? [{ show: false }, { show: false }] : axesOf(latest, colours),
    series: [{}, ...drawn.map((line) => (kind === "bars" ? barOf(line, colours) : lineOf(line, colours)))],
    hooks: {
      setCursor: [
        ({ cursor: { left = -1, idx } }) => {
          if (left >= 0 && typeof idx === "number") latest().onStep(idx);
        },
      ],
      setSelect: [(plot) => zoom(plot, latest())],
    },
  };
}

/** Of what lies far apart, p50 and p99, each can be seen. */
const LOGARITHMIC: uPlot.Scale = {
  distr: 3,
  range: (_plot, min, max) => [Math.max(LEAST, min || LEAST) / 1.4, Math.max(LEAST, max || 1) * 1.4],
};

/** A logarithm knows no 0. */
const LEAST = 0.5;

function positive(value: number | null): number | null {
  return value === null ? null : Math.max(LEAST, value);
}

function middleOf(plot: uPlot, step: number): number {
  return plot.valToPos(plot.data[0][step] ?? 0, "x");
}

function zoom(plot: uPlot, { onZoom }: Drawing): void {
  const { left, width } = plot.select;
  if (width < 8 || onZoom === undefined) return;
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onZoom(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
}

function axesOf(latest: () => Drawing, colours: Colours): uPlot.Axis[] {
  const common = {
    stroke: () => colours.of("--chart-axis"),
    font: "11px system-ui, sans-serif",
    ticks: { show: false },
  };
  const line = () => colours.of("--chart-grid");
  return [
    { ...common, values: (_plot, ticks) => timeTicks(ticks), space: 64, size: 24, grid: { show: false } },
    {
      ...common,
      values: (_plot, ticks) => ticks.map((tick) => latest().format(tick)),
      space: 36,
      size: 48,
      grid: { stroke: line, width: 1 },
    },
  ];
}

function barOf({ label, paint }: ChartLine, colours: Colours): uPlot.Series {
  const bars = uPlot.paths.bars?.({ align: 0, size: [0.84, 48] });
  return {
    label,
    ...(bars && { paths: bars }),
    fill: () => colours.fill(paint),
    stroke: () => colours.of("--chart-surface"),
    width: 0,
    points: { show: false },
  };
}

function lineOf({ label, paint, dash }: ChartLine, colours: Colours): uPlot.Series {
  const colour = () => colours.stroke(paint);
  return {
    label,
    stroke: colour,
    width: 1.5,
    ...(dash !== undefined && { dash: [...dash] }),
    spanGaps: false,
    points: { show: true, filter: lonely, size: 4, stroke: colour, fill: colour },
  };
}

/** A value between two gaps has no line: it is a point. */
function lonely(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  const isThere = (at: number) => values[at] !== null && values[at] !== undefined;
  return Array.from(values, (_, at) => at).filter((at) => isThere(at) && !isThere(at - 1) && !isThere(at + 1));
}
