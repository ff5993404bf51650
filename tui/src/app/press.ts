import { commandOf, completions, messageOf } from "../chat/command.ts";
import { type Draft, draftOf, EMPTY, edited, vertical } from "../chat/editor.ts";
import { recalled, remembered } from "../chat/history.ts";
import { asTyped } from "../feed/filter.ts";
import { FOLLOWING, type Move, movedSelection } from "../feed/selection.ts";
import type { Press } from "../terminal/keys.ts";
import { helpText } from "../views/help-view.ts";
import { pageHeight, screenSizes } from "./screen.ts";
import type { Tui } from "./tui.ts";

/** Does what a key says. Suspending is the terminal's business: `app.tsx`. */
export function pressed(tui: Tui, press: Press): void {
  if (press.ctrl && press.text === "c") tui.end(0);
  else if (tui.filtering !== undefined) filterPress(tui, tui.filtering, press);
  else if (tui.page !== undefined) pagePress(tui, press);
  else if (tui.focus === "chat") chatPress(tui, press);
  else feedPress(tui, press);
}

/** Keys that scroll, wherever there is something to be scrolled. */
function moveOf({ name, text, ctrl, alt }: Press): Move | undefined {
  if (alt) return undefined;
  if (ctrl) return CTRL_MOVES[text];
  if (name === "up" || name === "down" || name === "pageup" || name === "pagedown") return name;
  if (name === "home") return "first";
  if (name === "end") return "last";
  return name === "text" ? TEXT_MOVES[text] : undefined;
}

const CTRL_MOVES: Readonly<Record<string, Move>> = {
  b: "pageup",
  f: "pagedown",
  u: "pageup",
  d: "pagedown",
  p: "up",
  n: "down",
};
const TEXT_MOVES: Readonly<Record<string, Move>> = { k: "up", j: "down", g: "first", G: "last" };

function feedPress(tui: Tui, press: Press): void {
  const move = moveOf(press);
  if (move !== undefined) {
    tui.selection = movedSelection(tui.selection, tui.list, move, screenSizes(tui).feedRows);
    return;
  }
  if (press.name === "tab") return focusChat(tui);
  if (press.name === "enter" && tui.selection.id !== undefined) return tui.open(tui.selection.id);
  if (press.name === "escape") return leaveFeed(tui);
  if (press.name === "text" && !press.ctrl && !press.alt) command(tui, press.text);
}

function command(tui: Tui, key: string): void {
  switch (key) {
    case "q":
      return tui.end(0);
    case "i":
      return focusChat(tui);
    case ":":
      focusChat(tui);
      if (tui.draft.text === "") tui.draft = draftOf(":");
      return;
    case "p":
      tui.page = { kind: "providers" };
      tui.scroll = 0;
      return tui.live.askProviders();
    case "?":
      tui.page = { kind: "help" };
      tui.scroll = 0;
      return;
    case "/":
      tui.filtering = draftOf(tui.filter);
      return;
    case " ":
      tui.pause();
      return;
  }
}

function focusChat(tui: Tui): void {
  tui.focus = "chat";
}

/** One thing at a time: what was chosen, then the filter, then the pause. */
function leaveFeed(tui: Tui): void {
  if (tui.selection.id !== undefined) tui.selection = FOLLOWING;
  else if (tui.filter !== "") tui.filter = "";
  else if (tui.paused !== undefined) tui.pause();
}

function filterPress(tui: Tui, draft: Draft, press: Press): void {
  if (press.name === "escape" || press.name === "enter" || press.name === "tab") {
    tui.filter = press.name === "escape" ? "" : asTyped(draft.text, tui.list);
    tui.filtering = undefined;
    tui.selection = FOLLOWING;
    return;
  }
  if (press.name === "newline") return;
  const next = edited(draft, press.name === "paste" ? { ...press, text: press.text.replaceAll("\n", " ") } : press);
  if (next !== undefined) tui.filtering = next;
}

function pagePress(tui: Tui, press: Press): void {
  const move = moveOf(press);
  if (move !== undefined) {
    tui.scroll = scrolled(tui.scroll, move, pageHeight(tui));
    return;
  }
  const key = press.name === "text" && !press.ctrl && !press.alt ? press.text : press.name;
  const { page } = tui;
  if (key === "escape" || (key === "p" && page?.kind === "providers") || (key === "?" && page?.kind === "help")) {
    tui.page = undefined;
  } else if (page?.kind === "detail" && (key === "left" || key === "h" || key === "[")) {
    neighbour(tui, "up");
  } else if (page?.kind === "detail" && (key === "right" || key === "l" || key === "]")) {
    neighbour(tui, "down");
  } else if (key === "q") {
    tui.end(0);
  } else if (key === "p" || key === "?") {
    command(tui, key);
  } else if (key === "tab" || key === "i") {
    tui.page = undefined;
    focusChat(tui);
  }
}

function scrolled(scroll: number, move: Move, height: number): number {
  const page = Math.max(1, height - 2);
  const to: Record<Move, number> = {
    up: scroll - 1,
    down: scroll + 1,
    pageup: scroll - page,
    pagedown: scroll + page,
    first: 0,
    last: Number.MAX_SAFE_INTEGER,
  };
  // The screen knows how many lines there are, and takes back what is too much.
  return Math.max(0, to[move]);
}

/** The exchange after or before, while one is looked at. */
function neighbour(tui: Tui, move: "up" | "down"): void {
  const next = movedSelection(tui.selection, tui.list, move, screenSizes(tui).feedRows);
  if (next.id === undefined) return;
  tui.selection = next;
  tui.open(next.id);
}

function chatPress(tui: Tui, press: Press): void {
  switch (press.name) {
    case "escape":
      if (tui.chat.isRunning) tui.chat.cancel();
      else tui.focus = "feed";
      return;
    case "tab":
      return complete(tui);
    case "enter":
      if (!press.alt) return submit(tui);
      break;
    case "pageup":
    case "pagedown": {
      const page = Math.max(1, screenSizes(tui).chatRows - 2);
      tui.chatScroll = Math.max(0, tui.chatScroll + (press.name === "pageup" ? page : -page));
      return;
    }
    case "up":
    case "down":
      return vertically(tui, press.name === "up" ? -1 : 1);
  }
  const next = edited(tui.draft, press);
  if (next !== undefined) tui.draft = next;
}

/** Tab completes what it can; else it leaves the chat. */
function complete(tui: Tui): void {
  const { draft } = tui;
  const found = completions(draft.text, tui.live.models);
  const [first] = found;
  if (first === undefined || draft.text === `:model ${first}`) {
    if (draft.text === "" || found.length > 0 || !draft.text.startsWith(":model ")) tui.focus = "feed";
    return;
  }
  tui.draft = draftOf(`:model ${first}`);
  if (found.length > 1) tui.tell(`also ${found.slice(1, 8).join(", ")}${found.length > 8 ? ", …" : ""}`);
}

/** Within the draft first, then through what was sent. */
function vertically(tui: Tui, step: -1 | 1): void {
  const moved = vertical(tui.draft, step);
  if (moved !== undefined) {
    tui.draft = moved;
    return;
  }
  const found = recalled(tui.history, tui.draft, step);
  if (found === undefined) return;
  tui.history = found.history;
  tui.draft = found.draft;
}

function submit(tui: Tui): void {
  const text = tui.draft.text.trim();
  if (text === "") return;
  tui.history = remembered(tui.history, text);
  tui.draft = EMPTY;
  tui.chatScroll = 0;
  const said = commandOf(text);
  if (said !== undefined) return obey(tui, said);
  tui.chat.send(messageOf(text)).catch((error: unknown) => tui.fail(error));
}

function obey(tui: Tui, said: NonNullable<ReturnType<typeof commandOf>>): void {
  const { chat } = tui;
  switch (said.does) {
    case "model":
      chat.model = said.name;
      return chat.note(`asks ${said.name} from now on`);
    case "system":
      chat.system = said.text;
      return chat.note(said.text === "" ? "no system prompt any more" : "the system prompt is set");
    case "plugin":
      if (said.settings === undefined) chat.plugins.delete(said.id);
      else chat.plugins.set(said.id, said.settings);
      return chat.note(
        said.settings === undefined
          ? `without ${said.id} from now on`
          : `asks for the plugin ${said.id} with each message`,
      );
    case "clear":
      return chat.clear();
    case "help":
      return chat.note(helpText());
    case "quit":
      return tui.end(0);
    case "refuse":
      return chat.note(said.why, true);
  }
}
