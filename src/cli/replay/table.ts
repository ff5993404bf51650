import { terminalLine } from "../../core/terminal-text.ts";
import { paint } from "../colours.ts";
import { cutTo } from "../watch/texts.ts";

export interface Cell {
  readonly text: string;
  readonly right?: boolean;
  readonly colour?: string;
}

const GAP = "  ";
const NARROWEST = 12;

/** Columns as wide as what is in them; where they do not fit, the widest texts are cut. */
export function table(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  { colours, width }: { colours: boolean; width: number },
): string[] {
  const clean = rows.map((row) => row.map((cell) => ({ ...cell, text: terminalLine(cell.text) })));
  const widths = head.map((title, at) => Math.max(title.length, ...clean.map((row) => row[at]?.text.length ?? 0)));
  fit(widths, width - GAP.length);
  const line = (cells: readonly Cell[]) =>
    GAP +
    cells
      .map((cell, at) => padded(cell, widths[at] ?? 0, colours))
      .join(GAP)
      .trimEnd();
  const titles = head.map((text, at) => ({ text, right: clean[0]?.[at]?.right ?? false, colour: "2" }));
  return [line(titles), ...clean.map(line)];
}

function fit(widths: number[], room: number): void {
  const total = () => widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
  while (total() > room) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) return;
    widths[widths.indexOf(widest)] = widest - 1;
  }
}

function padded({ text, right = false, colour = "" }: Cell, width: number, colours: boolean): string {
  const cut = cutTo(text, width);
  const blanks = " ".repeat(Math.max(0, width - cut.length));
  const shown = colours && colour !== "" && cut !== "" ? paint(colour, cut) : cut;
  return right ? blanks + shown : shown + blanks;
}
