import { cutLine, fit, type Line, lineWidth, type Style, span } from "../terminal/line.ts";
import { inside, type Size } from "./layout.ts";

export interface Frame {
  readonly title: Line;
  /** On the right of the title, where there is room. */
  readonly note?: Line;
  readonly isFocused: boolean;
  readonly isBoxed: boolean;
}

/** A pane of exactly its size: its title and borders with `body` inside, which is cut to what fits. */
export function framed(body: readonly Line[], size: Size, frame: Frame): Line[] {
  const { width, height } = inside(size, frame.isBoxed);
  const style: Style = frame.isFocused ? { colour: "cyan" } : { dim: true };
  const rows = Array.from({ length: height }, (_, index) => fit(body[index] ?? [], width));
  if (!frame.isBoxed) return [titleLine(size.width, "─", "─", style, frame), ...rows];
  const side = (text: string) => span(text, style);
  return [
    titleLine(size.width, "╭", "╮", style, frame),
    ...rows.map((row) => [side("│ "), ...row, side(" │")]),
    [side(`╰${"─".repeat(Math.max(0, size.width - 2))}╯`)],
  ];
}

function titleLine(width: number, left: string, right: string, style: Style, { title, note, isFocused }: Frame): Line {
  const name = title.map(({ text, style: own }) =>
    span(text, { ...own, bold: true, ...(isFocused && { colour: "cyan" }) }),
  );
  const start: Line = [span(`${left}─ `, style), ...cutLine(name, Math.max(0, width - 6)), span(" ", style)];
  const end: Line =
    note === undefined || lineWidth(note) === 0
      ? [span(right, style)]
      : [span(" "), ...note, span(" ", style), span(`─${right}`, style)];
  const room = width - lineWidth(start) - lineWidth(end);
  if (room < 1)
    return fit([...start, span("─".repeat(Math.max(0, width - lineWidth(start) - 1)) + right, style)], width);
  return [...start, span("─".repeat(room), style), ...end];
}
