import { graphemes } from "./cells.ts";

/** What Ink says of a key besides its text: the part of its `Key` that is looked at. */
export interface InkKey {
  readonly upArrow: boolean;
  readonly downArrow: boolean;
  readonly leftArrow: boolean;
  readonly rightArrow: boolean;
  readonly pageDown: boolean;
  readonly pageUp: boolean;
  readonly home: boolean;
  readonly end: boolean;
  readonly return: boolean;
  readonly escape: boolean;
  readonly tab: boolean;
  readonly backspace: boolean;
  readonly delete: boolean;
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly meta: boolean;
}

export type KeyName =
  | "up"
  | "down"
  | "left"
  | "right"
  | "pageup"
  | "pagedown"
  | "home"
  | "end"
  | "enter"
  | "newline"
  | "escape"
  | "tab"
  | "backspace"
  | "delete"
  | "paste"
  | "text";

/** One press of a key. */
export interface Press {
  readonly name: KeyName;
  /** What was typed or pasted; with `ctrl` or `alt` the letter. */
  readonly text: string;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
}

const NAMES = [
  ["upArrow", "up"],
  ["downArrow", "down"],
  ["leftArrow", "left"],
  ["rightArrow", "right"],
  ["pageUp", "pageup"],
  ["pageDown", "pagedown"],
  ["home", "home"],
  ["end", "end"],
  ["return", "enter"],
  ["escape", "escape"],
  ["tab", "tab"],
  ["backspace", "backspace"],
  ["delete", "delete"],
] as const;

/** The presses in what came at once: on a slow line several come together, and must not be taken for one. */
export function pressesOf(input: string, key: InkKey): Press[] {
  const { ctrl, meta: alt, shift } = key;
  const named = NAMES.find(([flag]) => key[flag]);
  if (named !== undefined) {
    // Alt and Esc look alike; Ink says `meta` of a lone Esc too.
    const isEscape = named[1] === "escape";
    return [{ name: named[1], text: "", ctrl, alt: alt && !isEscape, shift }];
  }
  if (ctrl || alt) return input === "" ? [] : [{ name: "text", text: input, ctrl, alt, shift }];
  return graphemes(input.replaceAll("\r\n", "\r")).flatMap(pressOf);
}

export function paste(text: string): Press {
  return { name: "paste", text: text.replace(/\r\n?/g, "\n"), ctrl: false, alt: false, shift: false };
}

function pressOf(text: string): Press[] {
  const press = { text: "", ctrl: false, alt: false, shift: false };
  const code = text.charCodeAt(0);
  if (text === "\r") return [{ ...press, name: "enter" }];
  // Ctrl-J: where Alt-Enter is not to be had.
  if (text === "\n") return [{ ...press, name: "newline" }];
  if (text === "\t") return [{ ...press, name: "tab" }];
  if (text === "\u007f" || text === "\b") return [{ ...press, name: "backspace" }];
  if (text === "\u001b") return [{ ...press, name: "escape" }];
  if (code > 0 && code < 0x20) return [{ ...press, name: "text", text: String.fromCharCode(code + 0x60), ctrl: true }];
  return code === 0 || Number.isNaN(code) ? [] : [{ ...press, name: "text", text }];
}
