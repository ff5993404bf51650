import { terminalLine } from "../../../core/terminal-text.ts";
import type { ReplayReport } from "../../../replay/report.ts";
import { countText, cutTo } from "../../watch/texts.ts";
import { html, type Markup } from "./markup.ts";
import { type Series, seriesOf } from "./series.ts";

const GAP = 14;
const BAR = 10;
const LABEL_HEIGHT = 34;
const CHAR = 6.6;

interface Stack {
  series: Series;
  exchanges: number;
  y: number;
  height: number;
  /** Where the next ribbon begins. */
  used: number;
}

/** Where requests went, at the left, and where they would go: a ribbon is as thick as they are many. */
export function flowPicture({ flows, places, exchanges }: ReplayReport, width: number): Markup {
  if (exchanges === 0) return html``;
  const rows = flows.slice(0, 40);
  const drawn = seriesOf(places);
  const left = sides(rows.map(({ from, exchanges: n }) => [drawn(from), n] as const));
  const right = sides(rows.map(({ to, exchanges: n }) => [drawn(to), n] as const));
  const most = Math.max(left.length, right.length);
  const room = Math.max(160, most * LABEL_HEIGHT);
  const total = rows.reduce((sum, { exchanges: n }) => sum + n, 0);
  for (const side of [left, right]) stack(side, total, room);
  const height = Math.max(...[left, right].map((side) => Math.max(...side.map(({ y, height: h }) => y + h)))) + 8;
  const labels = Math.min(220, Math.floor(width * 0.27));
  const [x1, x2] = [labels + BAR, width - labels - BAR];
  const ribbons = rows.map(({ from, to, exchanges: n }) => {
    const [a, b] = [find(left, drawn(from)), find(right, drawn(to))];
    return a && b
      ? ribbon({ a, b, x1, x2, share: n / total, room, title: `${a.series.name} → ${b.series.name}: ${countText(n)}` })
      : html``;
  });
  const fits = Math.floor((labels - 8) / CHAR);
  return html`<svg class="flow" viewBox="0 0 ${width} ${Math.ceil(height)}" width="${width}" role="img" aria-label="From where to where requests would go">
${ribbons}${left.map((one) => bar(one, x1 - BAR, x1 - BAR - 8, "end", fits))}${right.map((one) => bar(one, x2, x2 + BAR + 8, "start", fits))}
</svg>`;
}

function sides(parts: readonly (readonly [Series, number])[]): Stack[] {
  const stacks = new Map<string, Stack>();
  for (const [series, exchanges] of parts) {
    const known = stacks.get(series.name) ?? { series, exchanges: 0, y: 0, height: 0, used: 0 };
    known.exchanges += exchanges;
    stacks.set(series.name, known);
  }
  return [...stacks.values()].sort((a, b) => b.exchanges - a.exchanges);
}

function stack(side: Stack[], total: number, room: number): void {
  let y = 4;
  for (const one of side) {
    one.height = Math.max(2, (one.exchanges / total) * room);
    // Labels of thin ones must not lie on each other.
    one.y = y;
    y += Math.max(one.height + GAP, LABEL_HEIGHT);
  }
}

function find(side: readonly Stack[], { name }: Series): Stack | undefined {
  return side.find(({ series }) => series.name === name);
}

interface Ribbon {
  a: Stack;
  b: Stack;
  x1: number;
  x2: number;
  share: number;
  room: number;
  title: string;
}

function ribbon({ a, b, x1, x2, share, room, title }: Ribbon): Markup {
  const thick = Math.max(1, share * room);
  const [y1, y2] = [a.y + a.used, b.y + b.used];
  a.used += thick;
  b.used += thick;
  const middle = (x1 + x2) / 2;
  const path = `M${x1} ${r(y1)} C${middle} ${r(y1)} ${middle} ${r(y2)} ${x2} ${r(y2)} L${x2} ${r(y2 + thick)} C${middle} ${r(y2 + thick)} ${middle} ${r(y1 + thick)} ${x1} ${r(y1 + thick)}Z`;
  const moves = a.series.name === b.series.name ? "stays" : "moves";
  return html`<path class="${moves}" d="${path}" fill="var(${b.series.colour})"><title>${title}</title></path>`;
}

function bar({ series, exchanges, y, height }: Stack, x: number, textX: number, anchor: string, chars: number): Markup {
  const name = cutTo(terminalLine(series.name), chars);
  return html`<rect x="${x}" y="${r(y)}" width="${BAR}" height="${r(height)}" fill="var(${series.colour})"/>
<text x="${textX}" y="${r(y + 11)}" text-anchor="${anchor}">${name}<title>${series.name}</title></text>
<text x="${textX}" y="${r(y + 26)}" text-anchor="${anchor}" class="soft">${countText(exchanges)}</text>`;
}

function r(value: number): number {
  return Math.round(value * 10) / 10;
}
