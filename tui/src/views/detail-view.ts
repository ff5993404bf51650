import { terminalText } from "../../../src/core/terminal-text.ts";
import { isFailure } from "../../../src/remote/filter.ts";
import type { LiveRow } from "../../../web/src/live/row.ts";
import { wrap } from "../terminal/cells.ts";
import { cutLine, fit, type Line, type Style, span } from "../terminal/line.ts";
import { type ConversationPart, type ExchangeRecord, verdictsOf } from "./exchange-record.ts";
import { type ColourOf, reasonOf, tagSpans } from "./feed-view.ts";
import { barText, countText, momentText, moneyText, percentText, shortDuration } from "./words.ts";

/** What the detail of an exchange is made of: its row, and its record where that is to be had. */
export interface DetailData {
  readonly row: LiveRow;
  readonly record: ExchangeRecord | undefined;
  /** Why there is no record. */
  readonly missing: string | undefined;
  readonly nowMs: number;
  readonly colourOf: ColourOf;
}

/** All that is known of one exchange, as lines to be scrolled through. */
export function detailLines(data: DetailData, width: number): Line[] {
  const sections = [
    headLines(data, width),
    section("Decision", decisionLines(data, width)),
    section("Attempts", attemptLines(data, width)),
    section("Losses", lossLines(data, width)),
    section("Warnings", warningLines(data, width)),
    section("Conversation", conversationLines(data, width)),
  ];
  return sections.flatMap((lines, index) => (lines.length === 0 ? [] : index === 0 ? lines : [[], ...lines]));
}

function section(title: string, lines: readonly Line[]): Line[] {
  return lines.length === 0 ? [] : [[span(title, { bold: true, underline: true })], ...lines];
}

function headLines({ row, record, nowMs, colourOf }: DetailData, width: number): Line[] {
  const { usage } = row;
  const field = (name: string, ...value: Line): Line[] => [[span(name.padEnd(10), { dim: true }), ...value]];
  const sent = row.sentModel !== null && row.sentModel !== row.requestedModel ? span(`/${row.sentModel}`) : span("");
  const tags = tagSpans(row);
  return [
    ...field("exchange", span(row.id), span(`  ${momentText(row.startedMs)}`, { dim: true })),
    ...field(
      "client",
      span(row.agent ?? "?"),
      span(`  ${row.client ?? ""}${row.stream ? ", streamed" : ""}`, { dim: true }),
    ),
    ...(row.session === null ? [] : field("session", span(row.session))),
    ...field(
      "model",
      span(row.requestedModel ?? "?"),
      span(" → ", { dim: true }),
      ...(row.provider === null
        ? [span("nobody yet", { dim: true })]
        : [span(row.provider, { colour: colourOf(row.provider) })]),
      sent,
    ),
    ...outcomeLines(row, nowMs, width),
    ...(tags.length === 0 ? [] : field("tags", ...tags)),
    ...(usage === null ? [] : field("tokens", ...tokenText(usage))),
    ...field("cost", span(costText(row))),
    ...(record?.traceId ? field("trace", span(record.traceId)) : []),
  ].map((line) => cutLine(line, width));
}

function tokenText(usage: NonNullable<LiveRow["usage"]>): Line {
  const { input_tokens, output_tokens, cached_read_tokens, cache_write_tokens, reasoning_tokens, reported } = usage;
  const more = [
    cached_read_tokens > 0
      ? `${countText(cached_read_tokens)} from cache (${percentText(cached_read_tokens / Math.max(1, input_tokens))})`
      : "",
    cache_write_tokens > 0 ? `${countText(cache_write_tokens)} written to cache` : "",
    reasoning_tokens > 0 ? `${countText(reasoning_tokens)} reasoning` : "",
    reported ? "" : "estimated",
  ].filter((text) => text !== "");
  return [
    span(`${input_tokens} in, ${output_tokens} out`),
    span(more.map((text) => `  ${text}`).join(""), { dim: true }),
  ];
}

function costText({ cost }: LiveRow): string {
  if (cost === null) return "not known before its end";
  if (cost.usd === null) return cost.source === "none" ? "no provider was asked" : "no price known";
  return `${moneyText(cost.usd)}  (price: ${cost.source})`;
}

function outcomeLines(row: LiveRow, nowMs: number, width: number): Line[] {
  const name = span("outcome   ", { dim: true });
  const ttft = row.timeToFirstTokenMs === null ? "" : `, first token after ${shortDuration(row.timeToFirstTokenMs)}`;
  if (row.outcome === null) {
    return [[name, span("under way", { colour: "cyan" }), span(` for ${shortDuration(nowMs - row.startedMs)}${ttft}`)]];
  }
  const took = ` in ${shortDuration(row.durationMs ?? 0)}${ttft}`;
  if (row.outcome === "ok") return [[name, span("ok", { colour: "green" }), span(took)]];
  const style: Style = isFailure(row.outcome) ? { colour: "red" } : { dim: true };
  const [first = "", ...more] = wrap(terminalText(reasonOf(row)), width - 10);
  return [
    [name, span(first, style)],
    ...more.map((text) => [span(" ".repeat(10)), span(text, style)]),
    [span(" ".repeat(10)), span(took.trim(), { dim: true })],
  ];
}

const VERDICTS: Readonly<Record<string, { sign: string; style: Style; words: string }>> = {
  chosen: { sign: "✓", style: { colour: "green" }, words: "chosen" },
  passed: { sign: "·", style: { dim: true }, words: "passed" },
  incapable: { sign: "✗", style: { colour: "yellow" }, words: "cannot" },
  "not-asked": { sign: " ", style: { dim: true }, words: "not asked" },
};

function decisionLines({ row, record, colourOf }: DetailData, width: number): Line[] {
  const verdicts = record?.decision ?? verdictsOf(row.decision);
  if (verdicts.length === 0) return row.rule === null ? [] : [[span("✓ ", { colour: "green" }), span(row.rule)]];
  return verdicts.map(({ label, outcome, provider, model, reason }) => {
    const { sign, style, words } = VERDICTS[outcome] ?? { sign: "?", style: {}, words: outcome };
    const offer = provider === null ? [] : [span(" → ", { dim: true }), span(provider, { colour: colourOf(provider) })];
    const why = [model === null ? "" : ` ${model}`, reason === null ? "" : `: ${reason}`].join("");
    return cutLine(
      [span(`${sign} `, style), ...fit([span(words, style)], 10), span(label, style), ...offer, span(why, style)],
      width,
    );
  });
}

/** Each attempt with a bar for its time, then where that went. */
function attemptLines({ row, record, nowMs, colourOf }: DetailData, width: number): Line[] {
  const attempts = record?.attempts.length ? record.attempts : row.attempts;
  const total = Math.max(1, row.durationMs ?? nowMs - row.startedMs);
  const scale = Math.max(10, Math.min(40, Math.floor(width * 0.25)));
  const name = Math.min(36, Math.max(16, Math.floor(width * 0.3)));
  return attempts.flatMap((attempt, index) => {
    const { provider, model, outcome, at_ms, ms } = attempt;
    const isOk = outcome === "ok";
    const style: Style = isOk ? { colour: "green" } : outcome === "cancelled" ? { dim: true } : { colour: "red" };
    const before = Math.min(scale - 1, Math.floor((at_ms / total) * scale));
    const bar = " ".repeat(before) + barText(Math.min(1, ms / total), Math.max(1, scale - before));
    const who = [span(provider, { colour: colourOf(provider) }), span(`/${model}`, { dim: true })];
    const state = `${outcome}${attempt.status === undefined ? "" : ` (${attempt.status})`}${attempt.hedge ? ", hedge" : ""}`;
    const line: Line = [
      span(`${index + 1} `, { dim: true }),
      ...fit(cutLine(who, name - 1), name),
      ...fit([span(bar, style)], scale + 1),
      ...fit([span(shortDuration(ms))], 6, "right"),
      span("  "),
      span(state, style),
    ];
    const error = attempt.error === undefined ? [] : wrap(terminalText(attempt.error), width - 4);
    return [
      cutLine(line, width),
      ...timingLine(attempt),
      ...error.map((text) => [span("    "), span(text, { colour: "red" as const })]),
    ];
  });
}

function timingLine({ at_ms, queued_ms, connect_ms, headers_ms }: LiveRow["attempts"][number]): Line[] {
  const parts = [
    `began at ${shortDuration(at_ms)}`,
    ...(queued_ms === undefined ? [] : [`queued ${shortDuration(queued_ms)}`]),
    ...(connect_ms === undefined ? [] : [`connected in ${shortDuration(connect_ms)}`]),
    ...(headers_ms === undefined ? [] : [`headers after ${shortDuration(headers_ms)}`]),
  ];
  return [[span(`    ${parts.join(" · ")}`, { dim: true })]];
}

function lossLines({ record, row }: DetailData, width: number): Line[] {
  if (record === undefined)
    return row.losses === 0 ? [] : [[span(`${row.losses}, named in the record`, { dim: true })]];
  return record.losses.map(({ field, treatment }) =>
    cutLine([span("− ", { colour: "yellow" }), span(field, { bold: true }), span(` ${treatment}`)], width),
  );
}

function warningLines({ row, record }: DetailData, width: number): Line[] {
  const warnings = record?.warnings.length ? record.warnings : row.warnings;
  return warnings.flatMap(({ message }) =>
    wrap(terminalText(message), width - 2).map(
      (text, index): Line => [span(index === 0 ? "! " : "  ", { colour: "yellow" }), span(text)],
    ),
  );
}

function conversationLines({ row, record, missing }: DetailData, width: number): Line[] {
  if (record === undefined) {
    const prompt = row.preview === null ? [] : partLines({ role: "user", kind: "text", text: row.preview }, width);
    const thought =
      row.reasoning === "" ? [] : partLines({ role: "assistant", kind: "reasoning", text: row.reasoning }, width);
    const said = row.text === "" ? [] : partLines({ role: "assistant", kind: "text", text: row.text }, width);
    const why = missing === undefined ? [] : spansOfNote(missing, width);
    return [...prompt, ...thought, ...said, ...why];
  }
  return record.parts.flatMap((part) => partLines(part, width));
}

function spansOfNote(text: string, width: number): Line[] {
  return wrap(terminalText(text), width).map((piece) => [span(piece, { dim: true })]);
}

const ROLE_WIDTH = 10;
const ROLES: Readonly<Record<string, Style>> = {
  system: { colour: "magenta" },
  user: { colour: "cyan", bold: true },
  assistant: { colour: "green", bold: true },
  tool: { colour: "yellow" },
};

function partLines({ role, kind, text }: ConversationPart, width: number): Line[] {
  const style: Style =
    kind === "text" ? {} : { dim: kind === "reasoning", ...(kind === "tool" && { colour: "yellow" }) };
  return wrap(terminalText(text).trimEnd(), width - ROLE_WIDTH).map((piece, index) => [
    ...fit([span(index === 0 ? role : "", ROLES[role] ?? {})], ROLE_WIDTH),
    span(piece, style),
  ]);
}
