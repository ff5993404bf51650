const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const DASH = "–";

/** `1,234`, `12.3k`, `4.56M`: at most four digits, of whole things. */
export function count(value: number): string {
  return Math.abs(value) < 10_000 ? WHOLE.format(value) : scaled(value, ["", "k", "M", "G", "T"]);
}

/** Of ms: `850 ms`, `1.24 s`, `2 min 5 s`. Null: `–`. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return DASH;
  if (ms < 10 && ms > 0) return `${trimmed(ms, 1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${threeDigits(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return two(seconds, 60, "min", "s");
  if (seconds < 86_400) return two(Math.round(seconds / 60), 60, "h", "min");
  return two(Math.round(seconds / 3600), 24, "d", "h");
}

/** Of US dollars: `$0.00042`, `$1.24`, `$1,234`. Null: `–`. */
export function dollars(usd: number | null | undefined): string {
  if (usd === null || usd === undefined) return DASH;
  if (usd === 0) return "$0";
  if (usd < 0.000_001) return "< $0.000001";
  if (usd < 0.1) return `$${trimmed(usd, Math.min(8, 2 - Math.floor(Math.log10(usd)) - 1))}`;
  if (usd < 1000) return `$${usd.toFixed(2)}`;
  return usd < 100_000 ? `$${WHOLE.format(usd)}` : `$${scaled(usd, ["", "k", "M", "G"])}`;
}

/** Of a share from 0 to 1: `0 %`, `0.4 %`, `12 %`; never 0 or 100 for what is not. */
export function percent(share: number): string {
  const value = share * 100;
  if (value === 0 || value === 100) return `${value} %`;
  if (value < 0.1) return "< 0.1 %";
  if (value > 99.9) return "> 99.9 %";
  return `${value < 10 || value > 99 ? trimmed(value, 1) : Math.round(value)} %`;
}

/** How often in what time: `12.5/s`, `40/min`, `3/h`: the unit that gives at least one, the smallest first. */
export function rate(number: number, ms: number): string {
  if (number === 0 || ms <= 0) return "0/min";
  const perSecond = number / (ms / 1000);
  if (perSecond >= 1) return `${threeDigits(perSecond)}/s`;
  if (perSecond * 60 >= 1) return `${threeDigits(perSecond * 60)}/min`;
  return `${threeDigits(perSecond * 3600)}/h`;
}

/** What share one number is of another; 0 of nothing. */
export function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** `1 request`, `2 requests`; other plurals are given. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

function scaled(value: number, units: readonly string[]): string {
  let rest = value;
  let unit = 0;
  while (Math.abs(rest) >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit++;
  }
  return `${threeDigits(rest)}${units[unit]}`;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  return trimmed(value, size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

function trimmed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function two(value: number, base: number, great: string, small: string): string {
  const rest = value % base;
  return `${Math.floor(value / base)} ${great}${rest === 0 ? "" : ` ${rest} ${small}`}`;
}
