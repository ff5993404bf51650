import { RouterError } from "../core/errors.ts";

/** Schemas and tool results of the deepest kind have some dozens. */
const MAX_DEPTH = 1_000;
/** Objects with very many keys are slow to parse and slower to copy: 1 M of them keep a thread busy for seconds. */
const MAX_KEYS = 20_000;
/** Values of all kinds. A conversation of 1 M tokens in the shortest of messages has fewer. */
const MAX_VALUES = 1_000_000;

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

/**
 * How many keys the objects of a JSON text have, equal ones counted as often as they stand there. Throws `bad_request` for what would
 * take long to parse for its size, nested very deeply or of very many parts, and `body_too_large` for more than `maxItems` messages,
 * parts, calls and tools, each of which costs some microseconds. To be called before `JSON.parse`, which cannot be stopped.
 * Of text that is not JSON it says nothing. Jumps over strings, so a prompt costs little: 0.6 ms for 1 MB.
 */
export function checkShape(body: Buffer, maxItems: number): number {
  /** Of the objects that are open, the inmost last. */
  const open = [0];
  let keys = 0;
  let values = 0;
  let items = 0;
  for (let at = 0; at < body.length; at++) {
    switch (body[at]) {
      case QUOTE:
        at = closingQuote(body, at);
        break;
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        if (body[at] === OPEN_OBJECT && open.length <= ITEM_DEPTH && ++items > maxItems) throw tooMany(maxItems);
        if (open.push(0) > MAX_DEPTH + 1) throw tooMuch(`is nested more than ${MAX_DEPTH} levels deep`);
        values++;
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        open.pop();
        break;
      case COLON: {
        keys++;
        const own = (open.pop() ?? 0) + 1;
        if (own > MAX_KEYS) throw tooMuch(`has an object with more than ${MAX_KEYS} keys`);
        open.push(own);
        break;
      }
      case COMMA:
        if (++values > MAX_VALUES) throw tooMuch(`has more than ${MAX_VALUES} values`);
    }
  }
  return keys;
}

function tooMuch(what: string): RouterError {
  return new RouterError("bad_request", `the request body ${what}`);
}

function tooMany(limit: number): RouterError {
  const message = `the request body has more than ${limit} messages, parts and tools ([server] max_body_items)`;
  return new RouterError("body_too_large", message);
}

/** The last byte, where a string does not end. */
function closingQuote(body: Buffer, start: number): number {
  let at = start;
  for (;;) {
    at = body.indexOf(QUOTE, at + 1);
    if (at === -1) return body.length;
    let before = at - 1;
    while (body[before] === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at;
  }
}
