/** Short words for small columns. */

/** `950`, `1.2k`, `12k`, `3.1M`: four cells at most. */
export function countText(count: number): string {
  for (const [unit, size] of [
    ["G", 1e9],
    ["M", 1e6],
    ["k", 1e3],
  ] as const) {
    // 999,500 is 1.0M already.
    if (count < size * 0.9995) continue;
    const value = count / size;
    return `${value < 9.95 ? value.toFixed(1) : Math.round(value)}${unit}`;
  }
  return String(Math.round(count));
}

/** `812ms`, `3.2s`, `62s`, `12m`, `3.5h`: five cells at most. */
export function shortDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)}ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(2)}s`;
  if (ms < 99_500) return `${(ms / 1_000).toFixed(1)}s`;
  if (ms < 999_500) return `${Math.round(ms / 1_000)}s`;
  if (ms < 3_570_000) return `${Math.round(ms / 60_000)}m`;
  return ms < 35_900_000 ? `${(ms / 3_600_000).toFixed(1)}h` : `${Math.round(ms / 3_600_000)}h`;
}

/** `$12.40`, `$0.012`, `$0.0031`, `<$.0001`: seven cells at most below 10,000 dollars. */
export function moneyText(usd: number): string {
  if (usd === 0) return "$0";
  if (usd < 0.0001) return "<$.0001";
  if (usd < 0.01) return `$${usd.toFixed(4)}`;
  if (usd < 1) return `$${usd.toFixed(3)}`;
  return usd < 1_000 ? `$${usd.toFixed(2)}` : `$${Math.round(usd)}`;
}

/** `now`, `12s ago`, `3m ago`, `5h ago`, `2d ago`. */
export function agoText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 2) return "now";
  if (seconds < 60) return `${seconds}s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ago`;
  if (seconds < 48 * 3_600) return `${Math.floor(seconds / 3_600)}h ago`;
  return `${Math.floor(seconds / 86_400)}d ago`;
}

/** `14:03:09`, in the reader's own time. */
export function clockText(tsMs: number): string {
  const date = new Date(tsMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

/** `2026-11-28 14:03:09.120`, in the reader's own time. */
export function momentText(tsMs: number): string {
  const date = new Date(tsMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${clockText(tsMs)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** `0.4%`, `12%`. */
export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent !== 0 && percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)}%`;
}

/** `1 request`, `3 requests`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar of `share` of `width` cells, to an eighth of one; what is more than nothing is seen. */
export function barText(share: number, width: number): string {
  const eighths = Math.min(width * 8, Math.max(share > 0 ? 1 : 0, Math.round(share * width * 8)));
  return "█".repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? "");
}

const SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

/** Turns five times a second. */
export function spinnerAt(nowMs: number): string {
  return SPINNER[Math.floor(nowMs / 200) % SPINNER.length] ?? "⠋";
}
