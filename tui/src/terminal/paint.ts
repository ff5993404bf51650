import type { Colour, Line, Style } from "./line.ts";

/** How a line is told to a terminal. */
export type Paint = (line: Line) => string;

const COLOURS: Record<Colour, number> = {
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  magenta: 35,
  cyan: 36,
  gray: 90,
};

/** With colours, or (https://no-color.org) without; bold, dim and inverse stay. */
export function painter(isColoured: boolean): Paint {
  return (line) => line.map(({ text, style }) => painted(text, codesOf(style, isColoured))).join("");
}

/** NO_COLOR counts when it is not empty. */
export function wantsColour(env: Readonly<Record<string, string | undefined>>): boolean {
  return !env["NO_COLOR"];
}

function codesOf({ colour, bold, dim, inverse, underline }: Style, isColoured: boolean): number[] {
  return [
    ...(bold ? [1] : []),
    ...(dim ? [2] : []),
    ...(underline ? [4] : []),
    ...(inverse ? [7] : []),
    ...(colour !== undefined && isColoured ? [COLOURS[colour]] : []),
  ];
}

function painted(text: string, codes: readonly number[]): string {
  return codes.length === 0 || text === "" ? text : `\u001b[${codes.join(";")}m${text}\u001b[0m`;
}
