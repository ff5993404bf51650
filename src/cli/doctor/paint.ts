import { terminalLine } from "../../core/terminal-text.ts";
import { paint } from "../colours.ts";
import { columnsOf, headOf } from "../watch/texts.ts";
import type { State } from "./finding.ts";

/** How the terminal is written to. */
export interface Screen {
  /** False for pipes, files, and with NO_COLOR. */
  readonly colour: boolean;
  readonly columns: number;
}

export const SIGNS: Readonly<Record<State, string>> = { ok: "✓", warning: "!", failed: "✗", skipped: "-" };
const COLOURS: Readonly<Record<State, string>> = { ok: "32", warning: "33", failed: "31", skipped: "90" };

export function inColour(text: string, state: State, { colour }: Screen): string {
  return colour ? paint(COLOURS[state], text) : text;
}

export function bold(text: string, { colour }: Screen): string {
  return colour ? paint("1", text) : text;
}

/** The text in lines of at most `width` columns, safe for a terminal; a word that is longer is cut. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of terminalLine(text).split(/ +/)) {
    for (let rest = word; rest !== ""; ) {
      const piece = headOf(rest, width);
      rest = rest.slice(piece.length);
      if (line !== "" && columnsOf(line) + 1 + columnsOf(piece) > width) {
        lines.push(line);
        line = piece;
      } else line = line === "" ? piece : `${line} ${piece}`;
    }
  }
  return line === "" && lines.length > 0 ? lines : [...lines, line];
}
