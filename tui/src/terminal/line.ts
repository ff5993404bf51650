import { terminalLine } from "../../../src/core/terminal-text.ts";
import { cut, widthOf } from "./cells.ts";

export type Colour = "red" | "green" | "yellow" | "blue" | "magenta" | "cyan" | "gray";

export interface Style {
  readonly colour?: Colour;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly inverse?: boolean;
  readonly underline?: boolean;
}

/** A piece of a line. Whatever its text is, a terminal can be given it: there is no other way to make one. */
export class Span {
  readonly text: string;
  readonly style: Style;
  readonly width: number;

  constructor(text: string, style: Style = {}) {
    this.text = terminalLine(text);
    this.style = style;
    this.width = widthOf(this.text);
  }
}

export type Line = readonly Span[];

/** `span("ok", { colour: "green" })`. */
export function span(text: string, style?: Style): Span {
  return new Span(text, style);
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { width }) => sum + width, 0);
}

/** Its first `width` cells; `…` stands where it was cut. */
export function cutLine(line: Line, width: number): Line {
  if (lineWidth(line) <= width) return line;
  const kept: Span[] = [];
  let room = width;
  for (const piece of line) {
    // A cell is kept for the sign, unless this piece ends it exactly.
    if (piece.width >= room) {
      kept.push(span(cut(`${piece.text} `, room), piece.style));
      break;
    }
    kept.push(piece);
    room -= piece.width;
  }
  return kept;
}

/** Exactly `width` cells. */
export function fit(line: Line, width: number, align: "left" | "right" = "left"): Line {
  const short = cutLine(line, width);
  const missing = width - lineWidth(short);
  if (missing <= 0) return short;
  const blanks = span(" ".repeat(missing));
  return align === "left" ? [...short, blanks] : [blanks, ...short];
}

/** `left` and `right` at the ends of a line of `width` cells; `left` is cut when there is no room for both. */
export function spread(left: Line, right: Line, width: number): Line {
  const rightWidth = lineWidth(right);
  if (rightWidth + 2 > width) return fit(left, width);
  return [...fit(left, width - rightWidth), ...right];
}

/** The line without its own colours, in one style. */
export function restyled(line: Line, style: Style): Line {
  return [span(plain(line), style)];
}

/** Its text alone. */
export function plain(line: Line): string {
  return line.map(({ text }) => text).join("");
}
