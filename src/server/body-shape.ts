import { RouterError } from "../core/errors.ts";

/** A body with less bytes than this cannot hold enough to keep the router busy for long, whatever its shape. */
const SMALL_BYTES = 64 * 1024;
/** Schemas and tool results of the deepest kind have some dozens. */
const MAX_DEPTH = 1_000;
/** Objects with very many keys are slow to parse and slower to copy: 1 M of them keep a thread busy for seconds. */
const MAX_KEYS = 20_000;
/** Values of all kinds. A conversation of 1 M tokens in the shortest of messages has fewer. */
const MAX_VALUES = 1_000_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Throws `bad_request` for JSON that would take long to parse for its size: nested very deeply, or of very many parts. To be called
 * before `JSON.parse`, which cannot be stopped. Says nothing about text that is not JSON. Jumps over strings, so a prompt costs little.
 */
export function checkShape(body: Buffer): void {
  if (body.length < SMALL_BYTES) return;
  const keys = new Uint32Array(MAX_DEPTH + 1);
  let depth = 0;
  let values = 0;
  for (let at = 0; at < body.length; at++) {
    switch (body[at]) {
      case QUOTE:
        at = closingQuote(body, at);
        break;
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        if (++depth > MAX_DEPTH) throw tooMuch(`is nested more than ${MAX_DEPTH} levels deep`);
        keys[depth] = 0;
        values++;
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        if (depth > 0) depth--;
        break;
      case COLON:
        keys[depth] = (keys[depth] ?? 0) + 1;
        if ((keys[depth] ?? 0) > MAX_KEYS) throw tooMuch(`has an object with more than ${MAX_KEYS} keys`);
        break;
      case COMMA:
        if (++values > MAX_VALUES) throw tooMuch(`has more than ${MAX_VALUES} values`);
    }
  }
}

function tooMuch(what: string): RouterError {
  return new RouterError("bad_request", `the request body ${what}`);
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
