/** Schemas and tool results of the deepest kind have some dozens. */
const MAX_DEPTH = 1_000;
/** Objects with very many keys are slow to parse and slower to copy: 1 M of them keep a thread busy for seconds. */
const MAX_KEYS = 20_000;
/** What is shorter takes no time worth a look, whatever its shape. */
const SHORT_CHARS = 64 * 1024;
/** The level of a part in a tool's result, the lowest that is looked at one by one: what lies deeper is passed on as it is. */
const ITEM_DEPTH = 7;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

export interface ShapeLimits {
  /** Values of all kinds. */
  readonly values: number;
  /** Objects down to `ITEM_DEPTH`. */
  readonly items: number;
}

/** The JSON text would take long to parse for its size. `message` goes on from its name: `has more than …`. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
  /** It has more items than it may. */
  readonly isMany: boolean;

  constructor(message: string, isMany = false) {
    super(message);
    this.isMany = isMany;
  }
}

const LEAST: ShapeLimits = { values: Number.POSITIVE_INFINITY, items: Number.POSITIVE_INFINITY };

/**
 * What is wrong with the shape of JSON text that a provider, a model or a client wrote into a string: nested very deeply, or an object of
 * very many keys. Undefined: nothing is. Costs next to nothing where there is little of either, as in long texts and embeddings.
 */
export function shapeFault(text: string): string | undefined {
  if (text.length < SHORT_CHARS || isPlain(text)) return undefined;
  try {
    countKeys(text, LEAST);
    return undefined;
  } catch (error) {
    if (error instanceof ShapeError) return error.message;
    throw error;
  }
}

/** It has too few of the signs of either. */
function isPlain(text: string): boolean {
  return hasAtMost(text, ":", MAX_KEYS) && hasAtMost(text, "[", MAX_DEPTH / 2) && hasAtMost(text, "{", MAX_DEPTH / 2);
}

function hasAtMost(text: string, sign: string, most: number): boolean {
  let count = 0;
  for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, at + 1)) if (++count > most) return false;
  return true;
}

/**
 * How many keys the objects of a JSON text have, equal ones counted as often as they stand there. Throws a `ShapeError` for what would
 * take long to parse for its size. To be called before `JSON.parse`, which cannot be stopped. Of text that is not JSON it says nothing.
 * Jumps over strings, so a prompt costs little.
 */
export function countKeys(json: string, limits: ShapeLimits): number {
  /** Of the objects that are open, the inmost last. */
  const open = [0];
  let keys = 0;
  let values = 0;
  let items = 0;
  for (let at = 0; at < json.length; at++) {
    const sign = json.charCodeAt(at);
    switch (sign) {
      case QUOTE:
        at = closingQuote(json, at);
        break;
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        if (sign === OPEN_OBJECT && open.length <= ITEM_DEPTH && ++items > limits.items)
          throw new ShapeError(`has more than ${limits.items} messages, parts and tools`, true);
        if (open.push(0) > MAX_DEPTH + 1) throw new ShapeError(`is nested more than ${MAX_DEPTH} levels deep`);
        values++;
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        open.pop();
        break;
      case COLON: {
        keys++;
        const own = (open.pop() ?? 0) + 1;
        if (own > MAX_KEYS) throw new ShapeError(`has an object with more than ${MAX_KEYS} keys`);
        open.push(own);
        break;
      }
      case COMMA:
        if (++values > limits.values) throw new ShapeError(`has more than ${limits.values} values`);
    }
  }
  return keys;
}

/** The last character, where a string does not end. */
function closingQuote(json: string, start: number): number {
  let at = start;
  for (;;) {
    at = json.indexOf('"', at + 1);
    if (at === -1) return json.length;
    let before = at - 1;
    while (json.charCodeAt(before) === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at;
  }
}
