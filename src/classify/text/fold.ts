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

/** Blocks in which scripts have two cases; testing all of Unicode would take ten times as long. */
const CASED_BLOCKS: readonly (readonly [number, number])[] = [
  [0x41, 0x2fff],
  [0xa640, 0xabff],
  [0xfb00, 0xfb17],
  [0xff21, 0xff5a],
  [0x10400, 0x10dff],
  [0x11800, 0x118ff],
  [0x16e00, 0x16eff],
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
