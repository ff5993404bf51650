/**
 * East Asian Wide and Fullwidth, Unicode 16, emoji left out (they have a property of their own); unassigned gaps are closed.
 * The same widths as Ink counts with, which lays out what is measured here.
 */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2630, 0x2637],
  [0x268a, 0x268f],
  [0x2e80, 0x303e],
  [0x3041, 0x3247],
  [0x3250, 0xa4c6],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6b],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x1b2fb],
  [0x1d300, 0x1d376],
  [0x1f200, 0x1f265],
  [0x20000, 0x3fffd],
];

const ASCII = /^[ -~]*$/;
const VISIBLE =
  /[^\p{Default_Ignorable_Code_Point}\p{Control}\p{Format}\p{Nonspacing_Mark}\p{Enclosing_Mark}\p{Surrogate}]/v;
const EMOJI =
  /^(?:\p{RGI_Emoji}|\p{Emoji_Presentation}.*|.*\p{Extended_Pictographic}.*\u200d.*\p{Extended_Pictographic}.*)$/v;
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** What people take for characters: `e` with its accent, a family of four. */
export function graphemes(text: string): string[] {
  if (ASCII.test(text)) return [...text];
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Cells of a terminal that a line of text takes. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const grapheme of graphemes(text)) width += graphemeWidth(grapheme);
  return width;
}

export function graphemeWidth(grapheme: string): number {
  const at = grapheme.search(VISIBLE);
  if (at === -1) return 0;
  if (EMOJI.test(grapheme)) return 2;
  const [first = "", ...rest] = grapheme.slice(at);
  let width = isWide(first) ? 2 : 1;
  for (const mark of rest) if (/[\p{Spacing_Mark}\uff00-\uffef]/v.test(mark)) width += isWide(mark) ? 2 : 1;
  return width;
}

function isWide(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0x1100 && WIDE.some(([from, to]) => code >= from && code <= to);
}

/** Its beginning, `width` cells at most, with a `…` for what was cut off. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return "";
  let room = width - 1;
  let kept = "";
  for (const grapheme of graphemes(text)) {
    room -= graphemeWidth(grapheme);
    if (room < 0) break;
    kept += grapheme;
  }
  return `${kept}…`;
}

/**
 * Lines of `width` cells at most, broken between words where there are any. Line feeds break too, tabs are blanks; blanks at
 * a break go, those at the beginning of a line stay: code is indented.
 */
export function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line.replaceAll("\t", "    "), Math.max(1, width)));
}

function wrapLine(text: string, width: number): string[] {
  if (widthOf(text) <= width) return [text.trimEnd()];
  const lines: string[] = [];
  let line = "";
  let room = width;
  for (const word of text.match(/\s+|\S+/g) ?? []) {
    const needed = widthOf(word);
    if (needed <= room) {
      line += word;
      room -= needed;
      continue;
    }
    const isBlank = word.trim() === "";
    if (line.trim() !== "" || isBlank) {
      lines.push(line.trimEnd());
      line = "";
      room = width;
      if (isBlank) continue;
    }
    for (const grapheme of graphemes(word)) {
      const cells = graphemeWidth(grapheme);
      if (cells > room) {
        lines.push(line);
        line = "";
        room = width;
      }
      line += grapheme;
      room -= cells;
    }
  }
  if (line !== "") lines.push(line.trimEnd());
  return lines;
}
