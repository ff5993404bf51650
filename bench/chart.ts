import { median } from "./figures.ts";
import type { Chart } from "./section.ts";

/** Charts as SVG. The ground is drawn as well, so that they can be read on a page of either kind. */
const WIDTH = 760;
const FONT = 12;
const STYLE = `
  .ground { fill: #ffffff } text { fill: #1f2328; font: ${FONT}px system-ui, sans-serif } .faint { fill: #59636e }
  .grid { stroke: #d1d9e0; stroke-width: 1 } .title { font-weight: 600; font-size: 14px }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } text { fill: #e6edf3 } .faint { fill: #9198a1 } .grid { stroke: #3d444d }
  }`;
/** Okabe and Ito's, which those who see colours otherwise can tell apart, on white and on black. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c8c8c"];

export function svgOf(chart: Chart): string {
  const { x } = chart;
  const drawn = isNumeric(x) ? linesOf(chart, x) : barsOf(chart, x.map(String));
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${drawn.height}" width="${WIDTH}" height="${drawn.height}" role="img">`;
  const title = escaped(`${chart.title} (${chart.y})`);
  return `${[
    head,
    `<title>${title}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" width="${WIDTH}" height="${drawn.height}" rx="6"/>`,
    `<text class="title" x="16" y="26">${title}</text>`,
    ...drawn.marks,
    "</svg>",
  ].join("\n")}\n`;
}

interface Drawn {
  height: number;
  marks: string[];
}

function isNumeric(x: Chart["x"]): x is readonly number[] {
  return x.every((value) => typeof value === "number");
}

const BARS = { left: 210, right: 650, top: 44, bar: 16, gap: 4, group: 30 };
/** Bars longer than so many times the median one are cut off, or those that matter could not be seen. */
const LONGEST = 6;

/** Lying bars, a group for each label; every group has a scale of its own, and each bar says its figure. */
function barsOf({ series }: Chart, labels: readonly string[]): Drawn {
  const marks: string[] = [];
  let y = BARS.top;
  for (const [at, label] of labels.entries()) {
    marks.push(text(16, y + 14, label, "faint"));
    y += 22;
    const bars = series.flatMap(({ name, values }, index) => {
      const value = values[at];
      return value === undefined || !Number.isFinite(value) ? [] : [{ name, value, colour: colourOf(index) }];
    });
    const values = bars.map(({ value }) => value);
    const most = Math.min(Math.max(...values), LONGEST * median(values)) || 1;
    for (const { name, value, colour } of bars) {
      marks.push(...bar(y, name, value, most, colour));
      y += BARS.bar + BARS.gap;
    }
    y += BARS.group - 22;
  }
  return { height: y + 4, marks };
}

function bar(y: number, name: string, value: number, most: number, colour: string): string[] {
  const width = ((BARS.right - BARS.left) * Math.min(value, most)) / most;
  const end = BARS.left + width;
  const marks = [
    text(BARS.left - 8, y + 12, name, "", "end"),
    `<rect x="${BARS.left}" y="${y}" width="${round(width)}" height="${BARS.bar}" fill="${colour}"/>`,
    text(end + 8, y + 12, readable(value)),
  ];
  if (value > most)
    marks.push(`<path class="ground" d="M${round(end - 22)} ${y + BARS.bar}l6 -${BARS.bar}h5l-6 ${BARS.bar}z"/>`);
  return marks;
}

const PLOT = { left: 64, right: 740, top: 64, bottom: 300 };

/** Lines over a logarithmic axis; the other begins at nought. */
function linesOf({ series }: Chart, x: readonly number[]): Drawn {
  const [least, most] = [Math.log(Math.min(...x)), Math.log(Math.max(...x))];
  const acrossOf = (value: number) =>
    PLOT.left + ((Math.log(value) - least) / (most - least || 1)) * (PLOT.right - PLOT.left);
  const steps = stepsTo(Math.max(...series.flatMap(({ values }) => values.filter(Number.isFinite)), 0));
  const top = steps.at(-1) ?? 1;
  const upOf = (value: number) => PLOT.bottom - (value / top) * (PLOT.bottom - PLOT.top);
  const marks = steps.flatMap((step) => [
    `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${round(upOf(step))}" y2="${round(upOf(step))}"/>`,
    text(PLOT.left - 8, upOf(step) + 4, readable(step), "faint", "end"),
  ]);
  for (const value of x) marks.push(text(acrossOf(value), PLOT.bottom + 18, readable(value), "faint", "middle"));
  let legend = PLOT.left;
  for (const [index, { name, values }] of series.entries()) {
    const colour = colourOf(index);
    const points = x.flatMap((value, at) => {
      const up = values[at];
      return up === undefined || !Number.isFinite(up) ? [] : [`${round(acrossOf(value))},${round(upOf(up))}`];
    });
    marks.push(`<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const point of points) {
      const [cx, cy] = point.split(",");
      marks.push(`<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`);
    }
    marks.push(`<rect x="${legend}" y="38" width="10" height="10" fill="${colour}"/>`, text(legend + 15, 47, name));
    legend += 40 + name.length * 7;
  }
  return { height: PLOT.bottom + 34, marks };
}

/** Round figures from nought to at least `most`. */
function stepsTo(most: number): number[] {
  const rough = (most || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? rough;
  return Array.from({ length: Math.ceil((most || 1) / step) + 1 }, (_, index) => index * step);
}

function text(x: number, y: number, content: string, kind = "", anchor = "start"): string {
  return `<text x="${round(x)}" y="${round(y)}"${kind && ` class="${kind}"`} text-anchor="${anchor}">${escaped(content)}</text>`;
}

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] ?? "#8c8c8c";
}

/** Three digits are what such a figure is good for. */
function readable(value: number): string {
  if (value === 0 || Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(content: string): string {
  return content.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
