import { graphemes, graphemeWidth } from "../terminal/cells.ts";
import type { Press } from "../terminal/keys.ts";

/** Text being written, and where. Never changed in place. */
export interface Draft {
  readonly text: string;
  /** Place of the cursor in `text`, always between characters as people see them. */
  readonly at: number;
}

export const EMPTY: Draft = { text: "", at: 0 };

export function draftOf(text: string): Draft {
  return { text, at: text.length };
}

export function insert({ text, at }: Draft, added: string): Draft {
  return { text: text.slice(0, at) + added + text.slice(at), at: at + added.length };
}

/** The draft after a press; undefined when the press is none of an editor's. */
export function edited(draft: Draft, press: Press): Draft | undefined {
  if (press.ctrl) return CTRL[press.text]?.(draft) ?? (press.name === "text" ? undefined : moved(draft, press));
  if (press.alt) return press.name === "text" ? ALT[press.text]?.(draft) : altMoved(draft, press);
  if (press.name === "text" || press.name === "paste") return insert(draft, press.text);
  return moved(draft, press);
}

const CTRL: Readonly<Record<string, (draft: Draft) => Draft>> = {
  a: lineStart,
  e: lineEnd,
  b: (draft) => ({ ...draft, at: before(draft) }),
  f: (draft) => ({ ...draft, at: after(draft) }),
  h: backspaced,
  d: deleted,
  w: (draft) => without(draft, wordBefore(draft), draft.at),
  u: (draft) => without(draft, lineStart(draft).at, draft.at),
  k: (draft) => without(draft, draft.at, lineEnd(draft).at),
};

const ALT: Readonly<Record<string, (draft: Draft) => Draft>> = {
  b: (draft) => ({ ...draft, at: wordBefore(draft) }),
  f: (draft) => ({ ...draft, at: wordAfter(draft) }),
  d: (draft) => without(draft, draft.at, wordAfter(draft)),
};

function altMoved(draft: Draft, { name }: Press): Draft | undefined {
  if (name === "left") return { ...draft, at: wordBefore(draft) };
  if (name === "right") return { ...draft, at: wordAfter(draft) };
  if (name === "backspace") return without(draft, wordBefore(draft), draft.at);
  if (name === "enter") return insert(draft, "\n");
  return undefined;
}

function moved(draft: Draft, { name, ctrl }: Press): Draft | undefined {
  switch (name) {
    case "left":
      return { ...draft, at: ctrl ? wordBefore(draft) : before(draft) };
    case "right":
      return { ...draft, at: ctrl ? wordAfter(draft) : after(draft) };
    case "home":
      return lineStart(draft);
    case "end":
      return lineEnd(draft);
    case "backspace":
      return backspaced(draft);
    case "delete":
      return deleted(draft);
    case "newline":
      return insert(draft, "\n");
    default:
      return undefined;
  }
}

/** The cursor one line up (-1) or down (1), as near to its column as can be; undefined: there is no such line. */
export function vertical(draft: Draft, step: -1 | 1): Draft | undefined {
  const lines = draft.text.split("\n");
  const { line, column } = placeOf(draft);
  const target = lines[line + step];
  if (target === undefined) return undefined;
  const start = lines.slice(0, line + step).reduce((sum, { length }) => sum + length + 1, 0);
  let at = start;
  let cells = 0;
  for (const grapheme of graphemes(target)) {
    cells += graphemeWidth(grapheme);
    if (cells > column) break;
    at += grapheme.length;
  }
  return { ...draft, at };
}

function placeOf({ text, at }: Draft): { line: number; column: number } {
  const lines = text.slice(0, at).split("\n");
  const column = graphemes(lines.at(-1) ?? "").reduce((sum, one) => sum + graphemeWidth(one), 0);
  return { line: lines.length - 1, column };
}

export interface DraftView {
  readonly rows: readonly string[];
  readonly row: number;
  /** In cells. */
  readonly column: number;
}

/** The draft as rows of `width` cells, broken anywhere, with the cursor's place in them. */
export function draftView({ text, at }: Draft, width: number): DraftView {
  const rows: string[] = [];
  let cursor = { row: 0, column: 0 };
  let offset = 0;
  let row = "";
  let cells = 0;
  const place = () => {
    if (offset === at) cursor = { row: rows.length, column: cells };
  };
  const next = () => {
    rows.push(row);
    row = "";
    cells = 0;
  };
  for (const grapheme of graphemes(text)) {
    const needed = graphemeWidth(grapheme);
    if (grapheme !== "\n" && cells + needed > width) next();
    place();
    offset += grapheme.length;
    if (grapheme === "\n") {
      next();
      continue;
    }
    row += grapheme === "\t" ? " " : grapheme;
    cells += grapheme === "\t" ? 1 : needed;
  }
  if (cells >= width) next();
  place();
  rows.push(row);
  return { rows, ...cursor };
}

function before({ text, at }: Draft): number {
  return at - (graphemes(text.slice(0, at)).at(-1)?.length ?? 0);
}

function after({ text, at }: Draft): number {
  return at + (graphemes(text.slice(at))[0]?.length ?? 0);
}

function wordBefore({ text, at }: Draft): number {
  return /(?:[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]+)?\s*$/u.exec(text.slice(0, at))?.index ?? 0;
}

function wordAfter({ text, at }: Draft): number {
  return at + (/^\s*(?:[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]+)?/u.exec(text.slice(at))?.[0].length ?? 0);
}

function lineStart(draft: Draft): Draft {
  return { ...draft, at: draft.text.lastIndexOf("\n", draft.at - 1) + (draft.at === 0 ? 0 : 1) };
}

function lineEnd(draft: Draft): Draft {
  const end = draft.text.indexOf("\n", draft.at);
  return { ...draft, at: end === -1 ? draft.text.length : end };
}

function backspaced(draft: Draft): Draft {
  return without(draft, before(draft), draft.at);
}

function deleted(draft: Draft): Draft {
  return without(draft, draft.at, after(draft));
}

function without({ text }: Draft, from: number, to: number): Draft {
  return { text: text.slice(0, from) + text.slice(to), at: from };
}
