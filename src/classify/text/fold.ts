/**
 * Upper and lower case made one, in the sense of regular expressions with `iu` (Unicode's simple case folding): characters that
 * such an expression takes for the same come out the same, and no length changes.
 */
export function fold(text: string): string {
  const folded = foldings();
  let out = "";
  for (const character of text) out += folded.get(character) ?? character;
  return out;
}

/** Every character that folding changes, with what it becomes. Made when it is first needed. */
export function foldings(): ReadonlyMap<string, string> {
  known ??= allFoldings();
  return known;
}

let known: ReadonlyMap<string, string> | undefined;

/** Blocks in which scripts have two cases: 3,000 characters, tested when a router starts, instead of a million. */
const CASED_BLOCKS: readonly (readonly [number, number])[] = [
  [0x41, 0x58f],
  [0x10a0, 0x10ff],
  [0x13a0, 0x13ff],
  [0x1c80, 0x1cbf],
  [0x1e00, 0x1fff],
  [0x2100, 0x218f],
  [0x24b0, 0x24ff],
  [0x2c00, 0x2cff],
  [0xa640, 0xa69f],
  [0xa720, 0xa7ff],
  [0xff21, 0xff5a],
  [0x10400, 0x105bf],
  [0x10c80, 0x10cff],
  [0x10d40, 0x10d8f],
  [0x118a0, 0x118ff],
  [0x16e40, 0x16eff],
  [0x1e900, 0x1e95f],
];

/** Characters of the same meaning whose capitals are several letters each. */
const TWINS: readonly (readonly [string, string])[] = [
  ["\u1fd3", "\u0390"],
  ["\u1fe3", "\u03b0"],
  ["\ufb05", "\ufb06"],
];

function allFoldings(): Map<string, string> {
  const folded = new Map(TWINS);
  for (const [first, last] of CASED_BLOCKS) {
    for (let code = first; code <= last; code++) {
      const character = String.fromCodePoint(code);
      const to = foldingOf(character);
      if (to !== character && to.length === character.length) folded.set(character, to);
    }
  }
  // The dotless i has the capital I, and is no i.
  folded.delete("\u0131");
  return folded;
}

/** The small letter of the capital is the same for all that are one: `ſ`, `s` and `S` have `s`. */
function foldingOf(character: string): string {
  const small = character.toUpperCase().toLowerCase();
  return small.length === character.length ? small : character.toLowerCase();
}
