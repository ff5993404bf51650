import { windowOf } from "../feed/selection.ts";
import { type Line, span } from "../terminal/line.ts";
import { inputView, transcript } from "../views/chat-view.ts";
import { detailLines } from "../views/detail-view.ts";
import { recordOf } from "../views/exchange-record.ts";
import { columnsFor, feedHead, feedRow } from "../views/feed-view.ts";
import { framed } from "../views/frame.ts";
import { helpLines } from "../views/help-view.ts";
import { inside, type Layout, layoutOf, type Size } from "../views/layout.ts";
import { healthOf, providerPage, UNKNOWN } from "../views/providers-view.ts";
import type { Sign } from "../views/stats-view.ts";
import { statsLines } from "../views/stats-view.ts";
import { clockText, counted } from "../views/words.ts";
import { bottomLine, topLine } from "./chrome.ts";
import type { Page, Tui } from "./tui.ts";

/** Everything that is to be seen, as lines of exact width. */
export interface Screen {
  readonly layout: Layout;
  readonly top: Line;
  readonly bottom: Line;
  /** In the place of the panes. */
  readonly page: readonly Line[] | undefined;
  readonly feed: readonly Line[];
  readonly stats: readonly Line[];
  readonly chat: readonly Line[];
  /** Of the terminal; undefined: hidden. */
  readonly cursor: { readonly x: number; readonly y: number } | undefined;
}

export function screenOf(tui: Tui): Screen {
  const { columns, rows } = tui;
  const layout = layoutOf(columns, rows, tui.focus === "chat");
  const bottom = bottomLine(tui, columns);
  const empty = { feed: [], stats: [], chat: [] };
  const common = { layout, top: topLine(tui, columns), bottom: bottom.line };
  const typing = bottom.cursorX === undefined ? undefined : { x: bottom.cursorX, y: rows - 1 };
  if (layout.kind === "none") {
    const page = framed([[span("too small")]], layout.body, { title: [], isFocused: false, isBoxed: false });
    return { ...common, ...empty, page, cursor: undefined };
  }
  if (tui.page !== undefined) {
    return { ...common, ...empty, page: pageLines(tui, tui.page, layout.body), cursor: typing };
  }
  const chat = chatPane(tui, layout);
  const has = ({ height }: Size) => height > 0;
  return {
    ...common,
    page: undefined,
    feed: has(layout.feed) ? feedPane(tui, layout) : [],
    stats: has(layout.stats) ? statsPane(tui, layout) : [],
    chat: has(layout.chat) ? chat.lines : [],
    cursor: typing ?? (tui.focus === "chat" ? chat.cursor : undefined),
  };
}

/** Rows of what can be scrolled: keys go by them. */
export function screenSizes(tui: Tui): { feedRows: number; chatRows: number } {
  const layout = layoutOf(tui.columns, tui.rows, tui.focus === "chat");
  return {
    feedRows: Math.max(1, inside(layout.feed, layout.isBoxed).height - 1),
    chatRows: Math.max(1, inside(layout.chat, layout.isBoxed).height),
  };
}

export function pageHeight(tui: Tui): number {
  const { body } = layoutOf(tui.columns, tui.rows, false);
  return inside(body, isBoxedPage(body)).height;
}

function isBoxedPage({ width, height }: Size): boolean {
  return width >= 100 && height >= 24;
}

function feedPane(tui: Tui, { feed, isBoxed }: Layout): Line[] {
  const { width, height } = inside(feed, isBoxed);
  const rows = tui.list;
  const columns = columnsFor(width);
  const shown = Math.max(0, height - 1);
  const { top, at } = windowOf(tui.selection, rows, shown);
  const nowMs = tui.now();
  const body = rows.slice(top, top + shown).map((row, index) => {
    const isChosen = top + index === at;
    return feedRow(row, columns, { nowMs, colourOf: tui.colourOf, isChosen });
  });
  return framed([feedHead(columns), ...(rows.length === 0 ? emptyFeed(tui) : body)], feed, {
    title: [span("Requests")],
    note: feedNote(tui, top, rows.length),
    isFocused: tui.focus === "feed",
    isBoxed,
  });
}

function emptyFeed(tui: Tui): Line[] {
  if (tui.filter !== "" || tui.filtering !== undefined) {
    return [[span("  nothing passes the filter; Esc takes it off", { dim: true })]];
  }
  const words =
    tui.live.connection.state === "live"
      ? ["no request yet: point a client at the router", `or press Tab and say something`]
      : ["waiting for the router", ""];
  return [[], ...words.map((text): Line => [span(`  ${text}`, { dim: true })])];
}

function feedNote(tui: Tui, top: number, count: number): Line {
  const parts: Line[] = [];
  if (tui.paused !== undefined) {
    const came = tui.live.book.started - tui.paused.started;
    parts.push([span(`paused, ${came} new`, { colour: "yellow", bold: true })]);
  }
  const filter = tui.filtering?.text ?? tui.filter;
  if (filter !== "") parts.push([span(`/${filter}`, { colour: "yellow" }), span(` ${count}`, { dim: true })]);
  if (top > 0) parts.push([span(`↑ ${top} newer`, { dim: true })]);
  return parts.flatMap((part, index) => (index === 0 ? part : [span(" · ", { dim: true }), ...part]));
}

function statsPane(tui: Tui, { stats, isBoxed }: Layout): Line[] {
  const { width, height } = inside(stats, isBoxed);
  const nowMs = tui.now();
  const { requestRate, tokenRate } = tui.live.stats;
  const figures = tui.live.stats.figures();
  const body = statsLines(
    {
      figures,
      nowMs,
      requestsPerSecond: requestRate.perSecond(nowMs),
      tokensPerSecond: tokenRate.perSecond(nowMs),
      requestSeconds: requestRate.seconds(nowMs),
      tokenSeconds: tokenRate.seconds(nowMs),
      colourOf: tui.colourOf,
      signOf: signsOf(tui),
    },
    width,
    height,
  );
  const note: Line = [span(`since ${clockText(figures.sinceMs)}`, { dim: true })];
  return framed(body, stats, { title: [span("Statistics")], note, isFocused: false, isBoxed });
}

function signsOf({ live }: Tui): (provider: string) => Sign {
  const signs = new Map(live.providers?.answer.providers.map((one) => [one.name, healthOf(one)] as const) ?? []);
  return (provider) => signs.get(provider) ?? UNKNOWN;
}

function chatPane(tui: Tui, layout: Layout): { lines: Line[]; cursor: Screen["cursor"] } {
  const { chat, isBoxed } = layout;
  const { width, height } = inside(chat, isBoxed);
  const isFocused = tui.focus === "chat";
  const input = inputView(tui.draft, width, Math.max(1, Math.min(6, Math.floor(height / 2))), isFocused);
  const room = Math.max(0, height - input.lines.length);
  const said = transcript(tui.chat.entries, width, { nowMs: tui.now(), colourOf: tui.colourOf });
  // Not further than to the first line.
  tui.chatScroll = Math.min(tui.chatScroll, Math.max(0, said.length - room));
  const end = said.length - tui.chatScroll;
  const shown = said.slice(Math.max(0, end - room), end);
  const blanks = Array.from({ length: Math.max(0, room - shown.length) }, (): Line => []);
  const lines = framed([...shown, ...blanks, ...input.lines], chat, {
    title: [span("Chat "), span(tui.chat.model, { colour: "cyan" })],
    note: chatNote(tui),
    isFocused,
    isBoxed,
  });
  const origin = originOf(layout);
  const cursor = { x: origin.x + input.cursor.x, y: origin.y + room + input.cursor.y };
  return { lines, cursor };
}

function chatNote({ chat, chatScroll }: Tui): Line {
  const plugins = [...chat.plugins.keys()].map((id) => `+${id}`);
  const parts = [...plugins, ...(chatScroll > 0 ? [`↓ ${counted(chatScroll, "line")} more`] : [])];
  return [span(parts.join(" "), { colour: "magenta" })];
}

/** Where the inside of the chat begins. */
function originOf({ kind, isBoxed, feed, stats }: Layout): { x: number; y: number } {
  const left = kind === "split" ? stats.width : kind === "beside" ? feed.width : 0;
  const above = kind === "split" ? feed.height : kind === "beside" ? stats.height : feed.height + stats.height;
  return { x: left + (isBoxed ? 2 : 0), y: 1 + above + 1 };
}

function pageLines(tui: Tui, page: Page, body: Size): Line[] {
  const isBoxed = isBoxedPage(body);
  const { width, height } = inside(body, isBoxed);
  const { title, lines } = pageOf(tui, page, width);
  tui.scroll = Math.min(tui.scroll, Math.max(0, lines.length - height));
  const more = lines.length - height - tui.scroll;
  const note = more > 0 ? [span(`↓ ${counted(more, "line")} more`, { dim: true })] : [];
  return framed(lines.slice(tui.scroll), body, { title: [span(title)], note, isFocused: true, isBoxed });
}

function pageOf(tui: Tui, page: Page, width: number): { title: string; lines: Line[] } {
  const nowMs = tui.now();
  const { colourOf, live } = tui;
  if (page.kind === "help") return { title: "Keys", lines: helpLines() };
  if (page.kind === "providers") {
    const { providers, providersProblem: problem } = live;
    const ageMs = providers === undefined ? 0 : nowMs - providers.atMs;
    const lines = providerPage({ answer: providers?.answer, problem, ageMs, colourOf }, width);
    return { title: "Providers", lines };
  }
  const row = tui.row(page.id);
  if (row === undefined) return { title: "Request", lines: [[span("it is no longer kept here", { dim: true })]] };
  const record = page.record === undefined ? undefined : recordOf(page.record);
  const lines = detailLines({ row, record, missing: page.missing, nowMs, colourOf }, width);
  return { title: "Request", lines };
}
