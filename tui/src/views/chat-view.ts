import { terminalText } from "../../../src/core/terminal-text.ts";
import type { AnswerEntry, Entry } from "../chat/conversation.ts";
import { type Draft, draftView } from "../chat/editor.ts";
import { wrap } from "../terminal/cells.ts";
import { type Line, type Style, span } from "../terminal/line.ts";
import type { ColourOf } from "./feed-view.ts";
import { countText, moneyText, shortDuration, spinnerAt } from "./words.ts";

const INDENT = 2;

export interface ChatLook {
  readonly nowMs: number;
  readonly colourOf: ColourOf;
}

/** The conversation as lines of `width` cells at most. */
export function transcript(entries: readonly Entry[], width: number, look: ChatLook): Line[] {
  return entries.flatMap((entry, index) => {
    const gap: Line[] = index > 0 && entry.kind !== "answer" && entries[index - 1]?.kind !== entry.kind ? [[]] : [];
    return [...gap, ...entryLines(entry, width, look)];
  });
}

/** Entries never change in place; what was wrapped once for a width need not be again. */
const wrapped = new WeakMap<Entry, { width: number; lines: Line[] }>();

function entryLines(entry: Entry, width: number, look: ChatLook): Line[] {
  const known = wrapped.get(entry);
  const isRunning = entry.kind === "answer" && entry.state === "running";
  if (known?.width === width && !isRunning) return known.lines;
  const lines = entry.kind === "answer" ? answerLines(entry, width, look) : saidLines(entry, width);
  wrapped.set(entry, { width, lines });
  return lines;
}

function saidLines(entry: Exclude<Entry, AnswerEntry>, width: number): Line[] {
  if (entry.kind === "user") return block("› ", entry.text, width, { colour: "cyan", bold: true }, { bold: true });
  const style: Style = entry.isError ? { colour: "red" } : { dim: true };
  return block("  ", entry.text, width, style, style);
}

function answerLines(entry: AnswerEntry, width: number, look: ChatLook): Line[] {
  const { text, reasoning, state, error } = entry;
  // Of its thinking only the end, and only until it speaks.
  const thinking = reasoning !== "" && text === "" ? block("  ", reasoning.slice(-600), width, {}, { dim: true }) : [];
  return [
    ...thinking.slice(-4),
    ...(text === "" ? [] : answerText(text, width)),
    ...(state === "failed" ? block("✗ ", error ?? "failed", width, { colour: "red" }, { colour: "red" }) : []),
    ...metaLines(entry, width, look),
  ];
}

/** Code between fences stands out; the text stays as it was said. */
function answerText(text: string, width: number): Line[] {
  let isCode = false;
  return terminalText(text)
    .trimEnd()
    .split("\n")
    .flatMap((line) => {
      const isFence = line.trimStart().startsWith("```");
      if (isFence) isCode = !isCode;
      const style: Style = isFence ? { dim: true } : isCode ? { colour: "yellow" } : styleOf(line);
      return wrap(line, width - INDENT).map((piece) => [span(" ".repeat(INDENT)), span(piece, style)]);
    });
}

function styleOf(line: string): Style {
  return /^#{1,6} /.test(line) ? { bold: true } : {};
}

/** `claude/claude-opus-5 · code · 21→9 tokens · $0.0012 · 812ms`. */
function metaLines(entry: AnswerEntry, width: number, { nowMs, colourOf }: ChatLook): Line[] {
  const { state, provider, model, tags, inputTokens, outputTokens, costUsd, ms, startedMs, reason } = entry;
  const dim = { dim: true };
  const parts: Line[] = [];
  if (provider !== undefined) {
    const named = model === undefined ? [] : [span(`/${model}`, dim)];
    parts.push([span(provider, { colour: colourOf(provider) }), ...named]);
  }
  if (tags.length > 0) parts.push([span(tags.join(" "), { colour: "blue" })]);
  if (outputTokens !== undefined)
    parts.push([span(`${countText(inputTokens ?? 0)}→${countText(outputTokens)} tokens`, dim)]);
  if (costUsd !== undefined) parts.push([span(costUsd === null ? "no price known" : moneyText(costUsd), dim)]);
  if (ms !== undefined) parts.push([span(shortDuration(ms), dim)]);
  if (reason !== undefined) parts.push([span(reason, { colour: "yellow" })]);
  if (state === "cancelled") parts.push([span("stopped", { colour: "yellow" })]);
  const lead =
    state === "running"
      ? [span(`${spinnerAt(nowMs)} `, { colour: "cyan" }), span(`${shortDuration(nowMs - startedMs)} `, dim)]
      : [span("  ")];
  return flow(parts, width, lead);
}

/** Parts one after the other, on as many lines as they take. */
function flow(parts: readonly Line[], width: number, lead: Line): Line[] {
  const lines: Line[] = [];
  let line: Line = lead;
  let cells = lead.reduce((sum, one) => sum + one.width, 0);
  let isFirst = true;
  for (const part of parts) {
    const needed = part.reduce((sum, one) => sum + one.width, 0) + (isFirst ? 0 : 3);
    if (!isFirst && cells + needed > width) {
      lines.push(line);
      line = [span("  "), ...part];
      cells = needed - 1;
      continue;
    }
    line = isFirst ? [...line, ...part] : [...line, span(" · ", { dim: true }), ...part];
    cells += needed;
    isFirst = false;
  }
  return [...lines, line];
}

function block(lead: string, text: string, width: number, leadStyle: Style, style: Style): Line[] {
  return wrap(terminalText(text).trimEnd(), width - INDENT).map((piece, index) => [
    span(index === 0 ? lead : " ".repeat(INDENT), leadStyle),
    span(piece, style),
  ]);
}

export interface InputView {
  readonly lines: Line[];
  /** Cells from the left, rows from the top of `lines`. */
  readonly cursor: { readonly x: number; readonly y: number };
}

/** The line being written, `height` rows at most: those around the cursor. */
export function inputView(draft: Draft, width: number, height: number, isFocused: boolean): InputView {
  const prompt = { colour: "cyan" as const, bold: isFocused, dim: !isFocused };
  if (draft.text === "") {
    const hint = isFocused ? "a message, or :help" : "Tab to chat";
    return { lines: [[span("› ", prompt), span(hint, { dim: true })]], cursor: { x: INDENT, y: 0 } };
  }
  const { rows, row, column } = draftView(draft, width - INDENT);
  const from = Math.min(Math.max(0, row - height + 1), Math.max(0, rows.length - height));
  const lines = rows
    .slice(from, from + height)
    .map((text, index) => [span(from + index === 0 ? "› " : "  ", prompt), span(text)]);
  return { lines, cursor: { x: INDENT + column, y: row - from } };
}
