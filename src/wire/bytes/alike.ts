import { isObject, type Json, type JsonObject, setOwn, tryParseJson } from "../../core/json.ts";

/** So often a mould is made of two frames that turn out not to be alike; then no more, until others have fitted. */
const MAX_TRIES = 8;
/** So many frames that fit give one try back. */
const HITS_FOR_A_TRY = 16;
/** Values a frame may have that differ from the one before it. */
const MAX_HOLES = 8;
/** Deeper, nothing is looked for. */
const MAX_LEVELS = 20;
/** Longer frames are parsed: an expression that matches one by one remembers each step. */
const MAX_CHARS = 64 * 1024;
/** Shorter strings V8 copies out of the text; longer ones it would keep the whole text alive for. */
const MIN_SLICED = 13;

/** Strings without escapes, keys with their colon, and whole numbers. */
const WORDS = /("[^"\\]*"(?:\s*:)?|(?<=:)(?:0|[1-9]\d{0,14})(?=[,}]))/;
/**
 * Parses the frames of a stream, as `tryParseJson` does. Most are like the one before them but for the text they bring, and their ids: once two
 * were alike, those that follow are read by comparing what is the same and cutting out what is not, in a quarter of the time.
 * What is the same is the same object in all of them, and not to be written to.
 */
export class AlikeFrames {
  #mould: Mould | undefined;
  #before: string | undefined;
  #tries = MAX_TRIES;
  #hits = 0;

  /** Undefined for what is not JSON. */
  parse(text: string): Json | undefined {
    const filled = text.length > MAX_CHARS ? undefined : this.#mould?.fill(text);
    if (filled !== undefined) {
      if (++this.#hits % HITS_FOR_A_TRY === 0 && this.#tries < MAX_TRIES) this.#tries++;
      return filled;
    }
    const value = tryParseJson(text);
    if (value !== undefined && this.#tries > 0) this.#learn(text);
    return value;
  }

  /** From this frame, and the one before it. */
  #learn(text: string): void {
    const before = this.#before;
    // One with an escape tells nothing of the shape, nor would its values fit the expression.
    this.#before = text.length > MAX_CHARS || text.includes("\\") ? undefined : text;
    if (before === undefined || this.#before === undefined) return;
    this.#tries--;
    this.#mould = mouldOf(before, text) ?? this.#mould;
  }
}

/** Where in a value the holes are: keys or places in lists, with what is below; a number is that hole. */
type Plan = (readonly [key: string, inner: Plan | number])[];

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON allows none of them in a string.
const TEXT_HOLE = /"((?:[^"\\\0-\x1f]|\\.)*)"/.source;
const NUMBER_HOLE = /(0|[1-9]\d{0,14})/.source;

class Mould {
  /** The frame as an expression, its holes in parentheses. */
  readonly #shape: RegExp;
  readonly #isText: readonly boolean[];
  readonly #value: JsonObject;
  readonly #plan: Plan;

  constructor(shape: RegExp, isText: readonly boolean[], value: JsonObject, plan: Plan) {
    this.#shape = shape;
    this.#isText = isText;
    this.#value = value;
    this.#plan = plan;
  }

  /** Undefined: it does not fit. */
  fill(text: string): Json | undefined {
    const cuts = this.#shape.exec(text);
    if (!cuts) return undefined;
    const filling: Json[] = [];
    for (let hole = 0; hole < this.#isText.length; hole++) {
      const cut = cuts[hole + 1] ?? "";
      const value = this.#isText[hole] ? textOf(cut) : Number(cut);
      if (value === undefined) return undefined;
      filling.push(value);
    }
    return cast(this.#value, this.#plan, filling);
  }
}

/** Undefined: they are not alike, or the same. */
function mouldOf(one: string, other: string): Mould | undefined {
  const pieces = one.split(WORDS);
  const others = other.split(WORDS);
  if (pieces.length !== others.length) return undefined;
  const isText: boolean[] = [];
  let shape = "";
  let marked = "";
  for (const [index, piece] of others.entries()) {
    if (piece === pieces[index]) {
      shape += escaped(piece);
      marked += piece;
      continue;
    }
    const isQuoted = piece[0] === '"';
    // Words stand at odd places. What is a text here and a number there is no hole, nor is a key.
    if (index % 2 === 0 || piece.endsWith(":") || (pieces[index]?.[0] === '"') !== isQuoted) return undefined;
    shape += isQuoted ? TEXT_HOLE : NUMBER_HOLE;
    marked += JSON.stringify(markOf(isText.length));
    isText.push(isQuoted);
  }
  if (isText.length === 0 || isText.length > MAX_HOLES) return undefined;
  const value: Json = JSON.parse(marked);
  const found = new Set<number>();
  const plan = planOf(value, isText.length, found);
  return isObject(value) && plan !== undefined && found.size === isText.length
    ? new Mould(new RegExp(`^${shape}$`, "s"), isText, value, plan)
    : undefined;
}

function markOf(hole: number): string {
  return `\0${hole}`;
}

/** Where the marks are; undefined: there are none. Of two equal keys only the last is there. */
function planOf(value: Json | undefined, holes: number, found: Set<number>, level = 0): Plan | undefined {
  const plan: Plan = [];
  if (level > MAX_LEVELS) return undefined;
  for (const [key, each] of Object.entries(value ?? {})) {
    if (typeof each === "string" && each[0] === "\0") {
      const hole = Number(each.slice(1));
      if (each !== markOf(hole) || hole >= holes || found.has(hole)) return undefined;
      found.add(hole);
      plan.push([key, hole]);
    } else if (typeof each === "object") {
      const inner = planOf(each, holes, found, level + 1);
      if (inner) plan.push([key, inner]);
    }
  }
  return plan.length > 0 ? plan : undefined;
}

/** A copy with the holes filled; what has none is shared. */
function cast(value: JsonObject, plan: Plan, filling: readonly Json[]): JsonObject {
  const copy = { ...value };
  for (const [key, inner] of plan) setOwn(copy, key, castOne(copy[key], inner, filling));
  return copy;
}

function castOne(value: Json | undefined, inner: Plan | number, filling: readonly Json[]): Json {
  if (typeof inner === "number") return filling[inner] ?? null;
  if (!Array.isArray(value)) return cast(isObject(value) ? value : {}, inner, filling);
  const copy = value.slice();
  for (const [key, inmost] of inner) copy[Number(key)] = castOne(copy[Number(key)], inmost, filling);
  return copy;
}

/** What the string stands for; undefined: JSON has no such string. */
function textOf(raw: string): string | undefined {
  if (raw.length < MIN_SLICED && !raw.includes("\\")) return raw;
  try {
    return JSON.parse(`"${raw}"`);
  } catch {
    return undefined;
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
