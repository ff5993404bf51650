import { sparkline } from "../stats/rate.ts";
import type { Figures, ProviderFigures } from "../stats/statistics.ts";
import { cut } from "../terminal/cells.ts";
import { type Colour, cutLine, fit, type Line, lineWidth, span, spread } from "../terminal/line.ts";
import type { ColourOf } from "./feed-view.ts";
import { agoText, barText, countText, moneyText, percentText, shortDuration } from "./words.ts";

export interface StatsData {
  readonly figures: Figures;
  readonly nowMs: number;
  readonly requestsPerSecond: number;
  readonly tokensPerSecond: number;
  /** Of the last minute, second by second. */
  readonly requestSeconds: readonly number[];
  readonly tokenSeconds: readonly number[];
  readonly colourOf: ColourOf;
  /** How a provider is: a sign and its colour. */
  readonly signOf: (provider: string) => Sign;
}

export interface Sign {
  readonly sign: string;
  readonly colour: Colour;
}

/** The statistics in `width` × `height` cells: figure by figure where there is room, else a few dense lines. */
export function statsLines(data: StatsData, width: number, height: number): Line[] {
  const lines = height >= 9 ? tall(data, width, height) : dense(data, width, height);
  return lines.slice(0, height).map((line) => cutLine(line, width));
}

function tall(data: StatsData, width: number, height: number): Line[] {
  const { figures } = data;
  const head = figureLines(data, width);
  const room = height - head.length - 1;
  const tagRows = figures.tags.length === 0 || room < 5 ? 0 : Math.min(Math.ceil(room / 3), 8);
  const providerRows = Math.max(1, room - 1 - (tagRows === 0 ? 0 : tagRows + 1));
  return [
    ...head,
    [],
    heading("providers", "share    avg  last ok", width),
    ...providerLines(data, providerRows, width),
    ...(tagRows === 0 ? [] : [[], ...tagLines(figures, tagRows, width)]),
  ];
}

function figureLines(data: StatsData, width: number): Line[] {
  const { figures, requestsPerSecond, tokensPerSecond } = data;
  const { requests, errors, failovers, inFlight, meanMs, p95Ms, inputTokens, outputTokens, costUsd, unpriced } =
    figures;
  const figure = (name: string, value: Line, ...more: Line[]): Line => [
    span(name.padEnd(10), { dim: true }),
    ...value,
    ...more.flatMap((part) => [span("  "), ...part]),
  ];
  const lines = [
    figure(
      "requests",
      [span(countText(requests), { bold: true })],
      [span(`${rateText(requestsPerSecond)}/s`)],
      failovers > 0 ? [span(`↻${failovers} failed over`, { colour: "yellow" })] : [],
    ),
    figure(
      "errors",
      [span(String(errors), errors > 0 ? { colour: "red", bold: true } : { bold: true })],
      requests > 0 ? [span(percentText(errors / requests), { dim: errors === 0 })] : [],
    ),
    figure("in flight", [span(String(inFlight), { bold: true, ...(inFlight > 0 && { colour: "cyan" }) })]),
    figure("latency", [span(`avg ${durationText(meanMs)}`, { bold: true })], [span(`p95 ${durationText(p95Ms)}`)]),
    figure(
      "tokens",
      [span(countText(inputTokens), { bold: true }), span(" in ", { dim: true })],
      [span(countText(outputTokens), { bold: true }), span(" out", { dim: true })],
      [span(`${rateText(tokensPerSecond)} tok/s`)],
    ),
    figure(
      "cost",
      [span(moneyText(costUsd), { bold: true })],
      unpriced > 0 ? [span(`${countText(unpriced)} without a price`, { dim: true })] : [],
    ),
  ];
  return lines.map((line, index) => withSpark(line, sparkFor(data, index), width));
}

/** The last minute beside requests and tokens, where there is room. */
function sparkFor({ requestSeconds, tokenSeconds }: StatsData, index: number): readonly number[] | undefined {
  if (index === 0) return requestSeconds;
  return index === 4 ? tokenSeconds : undefined;
}

function withSpark(line: Line, seconds: readonly number[] | undefined, width: number): Line {
  const room = Math.min(30, width - lineWidth(line) - 2);
  if (seconds === undefined || room < 8) return line;
  return spread(line, [span(sparkline(seconds.slice(-room)), { colour: "cyan" })], width);
}

function heading(left: string, right: string, width: number): Line {
  const room = width >= 44 ? [span(right, { dim: true })] : [];
  return spread([span(left, { dim: true, underline: true })], room, width);
}

/** `● claude   84  68% ██████▊  1.2s  2s ago`. */
function providerLines(data: StatsData, rows: number, width: number): Line[] {
  const { providers } = data.figures;
  if (providers.length === 0) return [[span("none yet", { dim: true })]];
  const shown = providers.length > rows ? providers.slice(0, rows - 1) : providers;
  const hidden = providers.length - shown.length;
  return [
    ...shown.map((one) => providerLine(one, data, width)),
    ...(hidden > 0 ? [[span(`  and ${hidden} more: p shows all`, { dim: true })]] : []),
  ];
}

function providerLine(one: ProviderFigures, { nowMs, colourOf, signOf }: StatsData, width: number): Line {
  const { name, requests, failures, share, latencyMs, lastSuccessMs } = one;
  const { sign, colour } = signOf(name);
  const nameWidth = Math.max(8, Math.min(18, Math.floor(width * 0.28)));
  const ago = lastSuccessMs === undefined ? "never" : agoText(nowMs - lastSuccessMs);
  const right: Line = [
    ...(failures > 0 ? [span(`✗${countText(failures)} `, { colour: "red" })] : []),
    ...fit([span(percentText(share))], 5, "right"),
    ...fit([span(latencyMs === undefined ? "" : shortDuration(latencyMs))], 7, "right"),
    ...fit([span(ago, { dim: true })], 9, "right"),
  ];
  const left: Line = [
    span(`${sign} `, { colour }),
    ...fit([span(cut(name, nameWidth), { colour: colourOf(name) })], nameWidth),
    ...fit([span(countText(requests), { bold: true })], 5, "right"),
    span(" "),
  ];
  const room = width - lineWidth(left) - lineWidth(right) - 1;
  const bar = room >= 4 ? fit([span(barText(share, Math.min(room, 24)), { colour: colourOf(name) })], room) : [];
  return spread([...left, ...bar], right, width);
}

function tagLines({ tags }: Figures, rows: number, width: number): Line[] {
  const most = tags[0]?.requests ?? 1;
  const shown = tags.slice(0, rows - 1);
  const nameWidth = Math.max(8, Math.min(18, Math.floor(width * 0.28))) + 2;
  const bars = Math.max(4, Math.min(24, width - nameWidth - 8));
  return [
    heading("tags", "", width),
    ...shown.map(({ tag, requests }) => [
      ...fit(cutLine([span(tag, { colour: "blue" })], nameWidth - 1), nameWidth),
      ...fit([span(countText(requests), { bold: true })], 5, "right"),
      span(` ${barText(requests / most, bars)}`, { colour: "blue" }),
    ]),
  ];
}

/** Two lines of figures, then providers on the left and tags on the right. */
function dense(data: StatsData, width: number, height: number): Line[] {
  const { figures, requestsPerSecond, tokensPerSecond, requestSeconds } = data;
  const { requests, errors, failovers, inFlight, meanMs, p95Ms, inputTokens, outputTokens, costUsd } = figures;
  const first: Line = joined([
    [span(countText(requests), { bold: true }), span(" requests", { dim: true })],
    [span(String(errors), errors > 0 ? { colour: "red", bold: true } : { bold: true }), span(" errors", { dim: true })],
    [span(String(inFlight), { bold: true }), span(" in flight", { dim: true })],
    [span("avg ", { dim: true }), span(durationText(meanMs), { bold: true })],
    [span("p95 ", { dim: true }), span(durationText(p95Ms))],
    ...(failovers > 0 ? [[span(`↻${failovers}`, { colour: "yellow" as const })]] : []),
  ]);
  const second: Line = joined([
    [span(moneyText(costUsd), { bold: true }), span(" cost", { dim: true })],
    [span(`${countText(inputTokens)}→${countText(outputTokens)}`, { bold: true }), span(" tokens", { dim: true })],
    [span(rateText(tokensPerSecond), { bold: true }), span(" tok/s", { dim: true })],
    [span(rateText(requestsPerSecond), { bold: true }), span(" req/s", { dim: true })],
  ]);
  const rows = Math.max(0, height - 2);
  const tagWidth = figures.tags.length === 0 || width < 60 ? 0 : Math.min(26, Math.floor(width * 0.3));
  const providers = providerLines(data, rows, width - tagWidth - (tagWidth > 0 ? 2 : 0));
  return [
    first,
    withSpark(second, requestSeconds, width),
    ...Array.from({ length: rows }, (_, index) => [
      ...fit(providers[index] ?? [], width - tagWidth),
      ...(tagWidth === 0 ? [] : denseTag(figures, index, tagWidth)),
    ]),
  ];
}

function denseTag({ tags }: Figures, index: number, width: number): Line {
  const one = tags[index];
  if (one === undefined) return [];
  return spread([span(one.tag, { colour: "blue" })], [span(countText(one.requests), { bold: true })], width);
}

function joined(parts: readonly Line[]): Line {
  return parts.flatMap((part, index) => (index === 0 ? part : [span(" · ", { dim: true }), ...part]));
}

function durationText(ms: number | undefined): string {
  return ms === undefined ? "–" : shortDuration(ms);
}

/** `0`, `0.4`, `12`. */
function rateText(perSecond: number): string {
  return perSecond === 0 || perSecond >= 9.95 ? countText(perSecond) : perSecond.toFixed(1);
}
