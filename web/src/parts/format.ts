/** `840 ms`, `3.2 s`, `2 min 5 s`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(2)} s`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}

/** `950`, `12.4k`, `3.1M`: three digits at least. */
export function countText(count: number): string {
  if (count < 10_000) return count.toLocaleString("en-US", { maximumFractionDigits: 0 });
  if (count < 1_000_000) return `${short(count / 1_000)}k`;
  if (count < 1_000_000_000) return `${short(count / 1_000_000)}M`;
  return `${short(count / 1_000_000_000)}G`;
}

function short(value: number): string {
  return value < 100 ? value.toFixed(1) : value.toFixed(0);
}

/** US dollars with as many digits as say something: `$12.40`, `$0.0031`. */
export function moneyText(usd: number): string {
  if (usd === 0) return "$0";
  if (usd >= 1_000) return `$${usd.toLocaleString("en-US", { maximumFractionDigits: 0 })}`;
  if (usd >= 0.1) return `$${usd.toFixed(2)}`;
  if (usd < 0.000_001) return "<$0.000001";
  // Two digits that are not zero.
  const digits = Math.min(7, 1 - Math.floor(Math.log10(usd)));
  return `$${usd.toFixed(digits)}`;
}

/** `now`, `12 s ago`, `3 min ago`, `5 h ago`, `2 d ago`. */
export function agoText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 2) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 48 * 3_600) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** `14:03:09`, in the reader's own time. */
export function clockText(tsMs: number): string {
  return new Date(tsMs).toLocaleTimeString("en-GB");
}

/** `2026-11-28 14:03:09.120`, in the reader's own time. */
export function momentText(tsMs: number): string {
  const date = new Date(tsMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${clockText(tsMs)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** `0.4 %`, `12 %`. */
export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent !== 0 && percent < 10 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}
