/** Shorter strings V8 copies out of the text; longer ones it would keep the whole text alive for. */
const MIN_SLICED = 13;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BLANK = 0x20;
const ZERO = 0x30;
const NINE = 0x39;

/** What stands between two pieces that are the same in all frames. */
type Hole = "text" | "string" | "number";

/**
 * Most frames of a stream are like the one before them but for the text they bring. Knows them by comparing what is the same and cutting out what
 * is not, in a tenth of the time it takes to parse them.
 */
export class AlikeFrames {
  #same: readonly string[] = [];
  #holes: readonly Hole[] = [];
  /** Set by `match`: what the string stands for. */
  text = "";

  /**
   * Frames like this one are known from now on. False: it cannot be said for sure which of its strings is `text`. `opening`, `closing`: what
   * stands before and behind the JSON. `idle`: matches values that may differ as well (strings without escapes, or digits), and are passed over.
   */
  learn(opening: string, json: string, closing: string, text: string, idle: RegExp | undefined): boolean {
    const quoted = `"${text}"`;
    const at = json.indexOf(quoted);
    // Escapes could spell the text in another way, and another string would be taken for it.
    if (text === "" || at === -1 || json.includes(quoted, at + 1) || json.includes("\\")) return false;
    const same: string[] = [];
    const holes: Hole[] = [];
    divide(opening + json.slice(0, at + 1), idle, same, holes);
    holes.push("text");
    divide(json.slice(at + 1 + text.length) + closing, idle, same, holes);
    this.#same = same;
    this.#holes = holes;
    return true;
  }

  /** Where the frame ends that begins at `from`, its text in `text`; -1: none that is known stands there, or not all of it. */
  match(source: string, from: number): number {
    const same = this.#same;
    let at = from;
    for (let place = 0; place < same.length; place++) {
      const piece = same[place] ?? "";
      const end = at + piece.length;
      // Ten times as fast as `startsWith`.
      if (source.slice(at, end) !== piece) return -1;
      if (place + 1 === same.length) return end;
      at = this.#pass(this.#holes[place], source, end);
      if (at === -1) return -1;
    }
    return -1;
  }

  /** Behind what fills the hole; -1: nothing that may. */
  #pass(hole: Hole | undefined, source: string, from: number): number {
    if (hole === "number") return endOfNumber(source, from);
    const end = endOfString(source, from);
    if (end === -1) return -1;
    const raw = source.slice(from, end);
    if (hole === "string") return raw.includes("\\") ? -1 : end;
    const text = raw === "" ? undefined : textOf(raw);
    if (text === undefined) return -1;
    this.text = text;
    return end;
  }
}

/** Adds the pieces between idle values to `same`, and what those are to `holes`. */
function divide(piece: string, idle: RegExp | undefined, same: string[], holes: Hole[]): void {
  let from = 0;
  for (const { index, 0: value } of idle ? piece.matchAll(idle) : []) {
    const isString = value.startsWith('"');
    same.push(piece.slice(from, isString ? index + 1 : index));
    holes.push(isString ? "string" : "number");
    from = index + value.length - (isString ? 1 : 0);
  }
  same.push(piece.slice(from));
}

/** Where the closing quote is; -1: there is none, or something no string may hold. */
function endOfString(source: string, from: number): number {
  for (let at = from; ; at++) {
    const code = source.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
    // Behind the end of the text, too, where it is no number.
    else if (!(code >= BLANK)) return -1;
  }
}

function endOfNumber(source: string, from: number): number {
  let at = from;
  while (source.charCodeAt(at) >= ZERO && source.charCodeAt(at) <= NINE) at++;
  const isNumber = at === from + 1 || (at > from && source.charCodeAt(from) !== ZERO);
  return isNumber ? at : -1;
}

/** What the string stands for; undefined: JSON has no such string. */
function textOf(raw: string): string | undefined {
  if (!raw.includes("\\")) return raw.length < MIN_SLICED ? raw : copied(raw);
  try {
    return JSON.parse(`"${raw}"`);
  } catch {
    return undefined;
  }
}

/** The concatenation is copied when it is cut. */
function copied(text: string): string {
  return ` ${text}`.slice(1);
}
