import { draftView } from "../chat/editor.ts";
import { fit, type Line, span, spread } from "../terminal/line.ts";
import { shortDuration } from "../views/words.ts";
import type { Tui } from "./tui.ts";

/** The first line: which router, and how the connection to it is. */
export function topLine(tui: Tui, width: number): Line {
  const left: Line = [
    span(" opensourcellmrouter ", { inverse: true, bold: true }),
    span(` ${tui.base.replace(/^http:\/\//, "")}`, { dim: true }),
  ];
  return spread(left, connectionText(tui), width);
}

function connectionText({ live, now }: Tui): Line {
  const { connection } = live;
  switch (connection.state) {
    case "connecting":
      return [span("◌ connecting ", { colour: "yellow" })];
    case "live":
      return [span("● ", { colour: "green" }), span("live ")];
    case "lost": {
      const wait = Math.max(0, connection.retryAtMs - now());
      return [
        span(`○ not live: ${connection.reason}; again in ${shortDuration(Math.ceil(wait / 1_000) * 1_000)} `, {
          colour: "red",
        }),
      ];
    }
    case "refused":
      return [span(`○ ${connection.reason} `, { colour: "red" })];
  }
}

/** The last line: the filter being typed, news, or the keys that do something here. */
export function bottomLine(tui: Tui, width: number): { line: Line; cursorX?: number } {
  const { filtering, notice } = tui;
  if (filtering !== undefined) {
    const lead = "/";
    // Its end is what is looked at while it is typed.
    const { rows, row, column } = draftView(filtering, Math.max(4, width - 2));
    const hint =
      filtering.text === "" ? [span(" words, provider:… tag:… status:error model:… agent:…", { dim: true })] : [];
    const line = fit([span(lead, { colour: "yellow", bold: true }), span(rows[row] ?? ""), ...hint], width);
    return { line, cursorX: lead.length + column };
  }
  if (notice !== undefined) {
    return { line: fit([span(` ${notice.text}`, notice.isBad ? { colour: "red" } : { colour: "yellow" })], width) };
  }
  const keys = keysOf(tui).flatMap(
    ([key, does]): Line => [span(` ${key}`, { bold: true }), span(` ${does} `, { dim: true })],
  );
  return { line: fit(keys, width) };
}

function keysOf(tui: Tui): (readonly [string, string])[] {
  if (tui.page?.kind === "detail")
    return [
      ["Esc", "back"],
      ["↑↓", "scroll"],
      ["←→", "next, previous"],
      ["q", "quit"],
    ];
  if (tui.page !== undefined)
    return [
      ["Esc", "back"],
      ["↑↓", "scroll"],
      ["q", "quit"],
    ];
  if (tui.focus === "chat") {
    return [
      ["Enter", "send"],
      tui.chat.isRunning ? ["Esc", "stop"] : ["Esc", "leave"],
      ["Alt-Enter", "new line"],
      ["↑", "earlier"],
      [":help", "commands"],
      ["Ctrl-C", "quit"],
    ];
  }
  return [
    ["Tab", "chat"],
    ["↑↓", "choose"],
    ["Enter", "detail"],
    ["/", "filter"],
    ["Space", tui.paused === undefined ? "pause" : "go on"],
    ["p", "providers"],
    ["?", "help"],
    ["q", "quit"],
  ];
}
