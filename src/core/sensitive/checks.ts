import { isIPv6 } from "node:net";

/** From where to where in a text, UTF-16. */
export type Span = readonly [start: number, end: number];

/** Digits in groups as cards have them printed on: 4-4-4-4(-3), 4-6-5, 4-6-4. */
const CARD_GROUPS: readonly (readonly number[])[] = [
  [4, 4, 4, 4, 3],
  [4, 4, 4, 4],
  [4, 6, 5],
  [4, 6, 4],
];

/** Of a run of digits with single spaces or hyphens in it: itself when it is a card's number, else those it has in it. */
export function cardsIn(run: string): readonly Span[] {
  if (isCardLength(run.replace(/\D/g, "").length) && passesLuhn(run)) return [[0, run.length]];
  const groups = [...run.matchAll(/\d+/g)].map(({ index, 0: digits }) => ({ start: index, digits }));
  const found: Span[] = [];
  for (let at = 0; at < groups.length; at++) {
    const count = cardAt(groups.slice(at, at + 5).map(({ digits }) => digits));
    const first = groups[at];
    const last = groups[at + count - 1];
    if (count === 0 || !first || !last) continue;
    found.push([first.start, last.start + last.digits.length]);
    at += count - 1;
  }
  return found;
}

/** How many of these groups, from the first on, are a card's number; 0: they begin none. */
function cardAt(groups: readonly string[]): number {
  const [first = ""] = groups;
  if (isCardLength(first.length) && passesLuhn(first)) return 1;
  for (const lengths of CARD_GROUPS) {
    const taken = groups.slice(0, lengths.length);
    if (taken.length === lengths.length && taken.every(({ length }, at) => length === lengths[at]))
      if (passesLuhn(taken.join(""))) return lengths.length;
  }
  return 0;
}

function isCardLength(digits: number): boolean {
  return digits >= 13 && digits <= 19;
}

/** Begins as the numbers of the card networks do; a time in milliseconds does not. */
export function isCardNumber(found: string): boolean {
  return /^[2-6]/.test(found);
}

/** Luhn's check digit. */
function passesLuhn(found: string): boolean {
  let sum = 0;
  const digits = [...found].filter((char) => char >= "0" && char <= "9").toReversed();
  for (const [at, char] of digits.entries()) {
    const digit = Number(char) * (at % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0 && /[1-9]/.test(found);
}

/** The IBAN a match is or begins with: words in capitals behind it look like more of it. */
export function ibansIn(found: string): readonly Span[] {
  for (let end = found.length; end > 0; end = found.lastIndexOf(" ", end - 1)) {
    if (isIban(found.slice(0, end))) return [[0, end]];
  }
  return [];
}

/** ISO 13616: the remainder of 97. */
function isIban(found: string): boolean {
  const code = found.replaceAll(" ", "");
  if (code.length < 15 || code.length > 34) return false;
  let rest = 0;
  for (const char of code.slice(4) + code.slice(0, 4)) {
    const value = Number.parseInt(char, 36);
    rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97;
  }
  return rest === 1;
}

/** This machine, and no address at all, are nobody's. */
export function isOutsideIPv4(found: string): boolean {
  const parts = found.split(".").map(Number);
  return parts.every((part) => part <= 255) && parts[0] !== 127 && parts[0] !== 0 && parts[0] !== 255;
}

export function isOutsideIPv6(found: string): boolean {
  return found.length > 6 && /\d/.test(found) && isIPv6(found);
}

/** What stands behind `password:` or `Bearer` in code and prose is often a type, a variable or the next word. */
export function isUnlikeCode(found: string): boolean {
  return /[\d!@#$%^&*?~+=/]/.test(found) && !/^\$?[A-Za-z_][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/.test(found);
}
