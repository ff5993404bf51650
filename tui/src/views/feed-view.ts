import { isFailure } from "../../../src/remote/filter.ts";
import type { LiveRow } from "../../../web/src/live/row.ts";
import { cut, widthOf } from "../terminal/cells.ts";
import { type Colour, cutLine, fit, type Line, lineWidth, restyled, span } from "../terminal/line.ts";
import { clockText, countText, moneyText, shortDuration, spinnerAt } from "./words.ts";

export type ColourOf = (provider: string) => Colour;

/** Cells of each column with the blank behind it; 0: it is left out. */
export interface Columns {
  readonly time: number;
  readonly who: number;
  readonly route: number;
  readonly tags: number;
  readonly preview: number;
  readonly tokens: number;
  readonly cost: number;
  readonly ms: number;
}

const MARK = 2;

/** What fits into `width` cells: the route gets what is left, and others give way before it. */
export function columnsFor(width: number): Columns {
  const isRoomy = width >= 100;
  const tokens = width < 50 ? 0 : isRoomy ? 12 : 10;
  const cost = width < 60 ? 0 : isRoomy ? 9 : 8;
  const who = width < 66 ? 0 : isRoomy ? 14 : 10;
  const fixed = { time: width < 36 ? 0 : 9, who, tokens, cost, ms: 6 };
  const rest = width - MARK - Object.values(fixed).reduce((sum, one) => sum + one, 0);
  const tags = rest < 32 ? 0 : Math.min(24, Math.floor(rest * 0.27));
  const preview = rest < 76 ? 0 : rest - tags - Math.min(52, Math.floor(rest * 0.45));
  return { ...fixed, tags, preview, route: rest - tags - preview };
}

/** Names of the columns. */
export function feedHead(columns: Columns): Line {
  const title = (text: string, width: number, align: "left" | "right" = "left") =>
    width === 0 ? [] : fit([span(align === "left" ? text : `${text} `, { dim: true })], width, align);
  return [
    span(" ".repeat(MARK)),
    ...title("time", columns.time),
    ...title("client", columns.who),
    ...title("model → provider", columns.route),
    ...title("tags", columns.tags),
    ...title("prompt", columns.preview),
    ...title("in→out", columns.tokens, "right"),
    ...title("cost", columns.cost, "right"),
    ...fit([span("ms", { dim: true })], columns.ms, "right"),
  ];
}

export interface RowLook {
  readonly nowMs: number;
  readonly colourOf: ColourOf;
  readonly isChosen: boolean;
}

/** One exchange as one line of exactly the columns' width. */
export function feedRow(row: LiveRow, columns: Columns, { nowMs, colourOf, isChosen }: RowLook): Line {
  const { time, who, route, ms } = columns;
  const line: Line = [
    ...markOf(row, nowMs),
    ...(time === 0 ? [] : fit([span(clockText(row.startedMs), { dim: true })], time)),
    ...(who === 0 ? [] : fit(cutLine([span(row.agent ?? row.client ?? "")], who - 1), who)),
    ...fit(cutLine(routeOf(row, route - 1, colourOf), route - 1), route),
    ...middleOf(row, columns),
    ...fit([durationOf(row, nowMs)], ms, "right"),
  ];
  return isChosen ? restyled(line, { inverse: true }) : line;
}

function markOf({ outcome }: LiveRow, nowMs: number): Line {
  if (outcome === null) return [span(spinnerAt(nowMs), { colour: "cyan" }), span(" ")];
  if (outcome === "ok") return [span("✓ ", { colour: "green" })];
  return isFailure(outcome) ? [span("✗ ", { colour: "red", bold: true })] : [span("− ", { dim: true })];
}

/** `gpt-5.5 → claude/claude-opus-5 ↻1`: the provider is the last to give way. */
function routeOf(row: LiveRow, width: number, colourOf: ColourOf): Line {
  const { requestedModel, sentModel, provider } = row;
  const asked = requestedModel ?? "?";
  const failed = failedAttempts(row);
  const mark = failed > 0 ? [span(` ↻${failed}`, { colour: "yellow" })] : [];
  if (provider === null) return [span(asked), ...mark];
  const target = [span(provider, { colour: colourOf(provider) })];
  const renamed = sentModel !== null && sentModel !== asked ? [span(`/${sentModel}`, { dim: true })] : [];
  const arrow = span(" → ", { dim: true });
  const least = 3 + lineWidth(target) + lineWidth(mark);
  const model = cut(asked, Math.max(width - least, Math.min(8, widthOf(asked))));
  const room = width - least - widthOf(model);
  return [span(model), arrow, ...target, ...(room >= 4 ? cutLine(renamed, room) : []), ...mark];
}

/** Attempts that failed and were followed by another; those under way are told of one by one. */
function failedAttempts({ attempts, attemptCount, endedMs }: LiveRow): number {
  if (attempts.length === 0) return Math.max(0, attemptCount - 1);
  const failed = attempts.filter(({ outcome }) => outcome !== "ok" && outcome !== "cancelled").length;
  const isLastFailed = attempts.at(-1)?.outcome !== "ok";
  return endedMs !== undefined && isLastFailed ? Math.min(failed, attempts.length - 1) : failed;
}

/** Tags, prompt, tokens and cost; what went wrong takes the place of all of them. */
function middleOf(row: LiveRow, { tags, preview, tokens, cost }: Columns): Line {
  const width = tags + preview + tokens + cost;
  if (width === 0) return [];
  if (row.outcome !== null && row.outcome !== "ok") {
    const style = isFailure(row.outcome) ? { colour: "red" as const } : { dim: true };
    return fit(cutLine([span(reasonOf(row), style)], width - 1), width);
  }
  const price = row.cost?.usd ?? null;
  return [
    ...(tags === 0 ? [] : fit(cutLine(tagSpans(row), tags - 1), tags)),
    ...(preview === 0 ? [] : fit(cutLine([span(row.preview ?? "", { dim: true })], preview - 1), preview)),
    ...(tokens === 0 ? [] : fit([...tokenSpans(row), span(" ")], tokens, "right")),
    ...(cost === 0 ? [] : fit([span(price === null ? "" : `${moneyText(price)} `)], cost, "right")),
  ];
}

/** `rate-limit: the provider says …`. */
export function reasonOf({ outcome, error, status }: LiveRow): string {
  if (outcome === "client-gone") return "the client left";
  const kind = `${outcome ?? "?"}${status === null || status === 200 ? "" : ` (${status})`}`;
  return error === null ? kind : `${kind}: ${error}`;
}

export function tagSpans({ tags, responseTags, plugins }: Pick<LiveRow, "tags" | "responseTags" | "plugins">): Line {
  const pieces = [
    ...tags.map((tag) => span(tag, { colour: "blue" })),
    ...responseTags.map((tag) => span(tag, { colour: "yellow" })),
    ...plugins.map((plugin) => span(`+${plugin}`, { colour: "magenta" })),
  ];
  return pieces.flatMap((piece, index) => (index === 0 ? [piece] : [span(" "), piece]));
}

function tokenSpans({ usage, outputTokens, endedMs }: LiveRow): Line {
  const output = usage?.output_tokens ?? outputTokens;
  if (output === null) return [];
  if (usage === null) return [span(`${countText(output)}${endedMs === undefined ? "…" : ""}`, { dim: true })];
  return [span(countText(usage.input_tokens)), span("→", { dim: true }), span(countText(output))];
}

function durationOf({ startedMs, endedMs, durationMs }: LiveRow, nowMs: number) {
  const ms = durationMs ?? Math.max(0, (endedMs ?? nowMs) - startedMs);
  return span(shortDuration(ms), endedMs === undefined ? { colour: "cyan" } : {});
}
