/** Signs that take two columns of a terminal. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
/** What a person sees as one sign. */
const SIGNS = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** One column each. */
const NARROW = /^[\x20-\x7e]*$/;

/** Of a terminal. */
export function columnsOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of SIGNS.segment(text)) columns += WIDE.test(segment) ? 2 : 1;
  return columns;
}

/** The beginning that fits into so many columns: one sign at least. */
export function headOf(text: string, columns: number): string {
  if (text.length <= columns && NARROW.test(text)) return text;
  let used = 0;
  for (const { segment, index } of SIGNS.segment(text)) {
    used += WIDE.test(segment) ? 2 : 1;
    if (used > columns && index > 0) return text.slice(0, index);
  }
  return text;
}

/** At most so many columns of a line, the last of them `…` where something is missing. */
export function cutTo(text: string, columns: number): string {
  // No sign is less than a UTF-16 unit; looking at a whole novel for its first line would take long.
  const head = text.slice(0, columns * 16);
  let used = 0;
  let end = 0;
  let last = 0;
  for (const { segment, index } of SIGNS.segment(head)) {
    used += WIDE.test(segment) ? 2 : 1;
    if (used <= columns - 1) last = index + segment.length;
    if (used > columns) return `${head.slice(0, last)}…`;
    end = index + segment.length;
  }
  return end < text.length ? `${head.slice(0, last)}…` : text;
}

/** `840 ms`, `3.2 s`, `2 min 5 s`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function countText(count: number): string {
  return count.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/** US dollars with as many digits as say something: `$12.40`, `$0.0031`. */
export function moneyText(usd: number): string {
  if (usd === 0) return "$0";
  if (usd >= 0.1) return `$${usd.toFixed(2)}`;
  if (usd < 0.000_001) return "<$0.000001";
  return `$${usd.toFixed(Math.min(7, 1 - Math.floor(Math.log10(usd))))}`;
}

/** `14:03:09`, in the reader's own time. */
export function clockText(tsMs: number): string {
  return new Date(tsMs).toLocaleTimeString("en-GB");
}
