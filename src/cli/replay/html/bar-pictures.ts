import { terminalLine } from "../../../core/terminal-text.ts";
import type { Quantiles } from "../../../replay/latencies.ts";
import type { ReplayReport } from "../../../replay/report.ts";
import type { PlaceRow } from "../../../replay/tally.ts";
import { cutTo, durationText, moneyText } from "../../watch/texts.ts";
import { html, type Markup } from "./markup.ts";
import { seriesOf } from "./series.ts";

const ROW = 46;
const VALUE = 84;
const TOP = 6;

/** What each place takes for them, then and now. */
export function costPicture({ places }: ReplayReport, width: number): Markup {
  const rows = places.filter(({ was, now }) => was.usd + now.usd > 0).slice(0, 12);
  if (rows.length === 0) return html`<p class="soft">Nothing of it costs anything, as far as is known.</p>`;
  const drawn = seriesOf(places);
  const most = Math.max(...rows.flatMap(({ was, now }) => [was.usd, now.usd]));
  const room = width - VALUE;
  const bars = rows.map((row, at) => {
    const y = TOP + at * ROW;
    const series = drawn(row);
    const one = (usd: number, top: number, kind: string) =>
      html`<rect class="${kind}" x="0" y="${top}" width="${lengthOf(usd, most, room)}" height="11" fill="var(${series.colour})"/>
<text x="${lengthOf(usd, most, room) + 6}" y="${top + 9}" class="${kind}-text">${moneyText(usd)} ${kind}</text>`;
    return html`<text x="0" y="${y + 10}">${cutTo(terminalLine(series.name), Math.floor(width / 7))}</text>${one(row.was.usd, y + 15, "then")}${one(row.now.usd, y + 28, "now")}`;
  });
  const height = TOP + rows.length * ROW;
  return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="Cost by provider and model, then and now">${bars}</svg>`;
}

/** From the median to the 95th percentile: of all requests, then and now, and of the answers of each place. */
export function latencyPicture({ latency, places }: ReplayReport, width: number): Markup {
  const { first_token_ms: first, duration_ms: whole } = latency;
  const usesFirst = first.was !== null;
  const all = usesFirst ? first : whole;
  const ofPlace = (place: PlaceRow) => (usesFirst ? place.first_token_ms : place.duration_ms);
  const drawn = seriesOf(places);
  const rows: { name: string; colour: string; at: Quantiles }[] = [
    ...(all.was ? [{ name: "all, then", colour: "--soft", at: all.was }] : []),
    ...(all.now ? [{ name: "all, now", colour: "--text", at: all.now }] : []),
    ...places.flatMap((place) => {
      const at = ofPlace(place);
      return at ? [{ ...drawn(place), at }] : [];
    }),
  ].slice(0, 14);
  if (rows.length === 0) return html`<p class="soft">The log has no answers to go by.</p>`;
  const most = Math.max(...rows.map(({ at }) => at.p95));
  const room = width - VALUE - 40;
  const bars = rows.map(({ name, colour, at }, index) => {
    const y = TOP + index * 36;
    const [from, to] = [lengthOf(at.p50, most, room), lengthOf(at.p95, most, room)];
    return html`<text x="0" y="${y + 10}">${cutTo(terminalLine(name), Math.floor(width / 7))}</text>
<rect x="0" y="${y + 19}" width="${to}" height="3" class="track"/>
<rect x="${from}" y="${y + 16}" width="${Math.max(2, to - from)}" height="9" fill="var(${colour})"/>
<text x="${to + 6}" y="${y + 25}" class="soft">${durationText(at.p50)} – ${durationText(at.p95)}</text>`;
  });
  const what = usesFirst ? "Time to the first token of streams" : "Time to the end of answers";
  return html`<p class="soft">${what}: from the median to the 95th percentile.</p>
<svg viewBox="0 0 ${width} ${TOP + rows.length * 36}" width="${width}" role="img" aria-label="${what}, then and now">${bars}</svg>`;
}

function lengthOf(value: number, most: number, room: number): number {
  return most === 0 ? 0 : Math.round((value / most) * room * 10) / 10;
}
