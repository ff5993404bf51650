/** Patterns that take a backtracking engine for ever, with what they are tried on. */
export const EVIL_PATTERNS: readonly string[] = [
  "^(a+)+$",
  "(a+)+$",
  "(a|a)*$b",
  "(a|aa)+$",
  "(a|a?)+$",
  "(.*a){12}b",
  "^(([a-z])+.)+[A-Z]([a-z])+$",
  "(a*)*b",
  "(x+x+)+y",
  `${"a?".repeat(25)}${"a".repeat(25)}b`,
  "(.*)*c",
  "(\\w+\\s?)*$x",
  "^(\\d+)*$",
  "(a+){10}b",
  "([a-zA-Z]+)*\\d",
  "(.|a)*z",
  "\\s+$",
  "(?:a|b|ab)*c",
  "(a{1,20}){1,20}b",
  "\\p{L}+\\d",
  "(?i)(a+)+b",
  "(a.*){20}z",
  "^(a|b|ab)*c$",
  "^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$",
  "(.*?,){11}P",
  "^(?:.*?\\b){8}z$",
  "((a+)*)+b",
  "(a*a*a*a*a*)*b",
  "(ab?)*c$",
  "[a-z]*[a-z]*[a-z]*[a-z]*\\d",
];
/** 8 KB each. */
export const EVIL_TEXTS: readonly string[] = [
  ...["a", "x", "1", "ab"].map((unit) => `${unit.repeat((8 * 1024) / unit.length)}!`),
  `${"ab ".repeat(2730)}!`,
  `${" ".repeat(8 * 1024)}x`,
  "a,".repeat(4096),
];

/** Linear, but of so many steps that a large text takes minutes. */
export const SLOW_PATTERN = "(a|b)*a(a|b){300}$";

/** Without repetition, so that nothing found out about its beginning helps later. */
export function slowText(chars: number): string {
  let seed = 12_345;
  const letters = Array.from({ length: chars }, () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return (seed >> 8) % 2 === 0 ? "a" : "b";
  });
  return `${letters.join("")}!`;
}
