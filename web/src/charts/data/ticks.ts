const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_S = 86_400;

/** Labels of a time axis from its ticks (seconds since 1970), in local time: the day where it begins, else the time of day. */
export function timeTicks(ticks: readonly number[]): string[] {
  const gap = (ticks[1] ?? DAY_S) - (ticks[0] ?? 0);
  const isDaily = ticks.length > 1 && gap >= DAY_S;
  return ticks.map((tick) => {
    const date = new Date(tick * 1000);
    const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
    return isDaily || isMidnight ? day(date) : clock(date, gap * 1000);
  });
}

/** One step in words, in local time: `14:05 – 14:06`, `Nov 28, 14:00 – 18:00`. */
export function stepName(beginMs: number, stepMs: number, nowMs: number): string {
  const begin = new Date(beginMs);
  const end = new Date(beginMs + stepMs);
  const isToday = new Date(nowMs).toDateString() === begin.toDateString();
  const times = `${clock(begin, stepMs)} – ${clock(end, stepMs)}`;
  return isToday ? times : `${day(begin)}, ${times}`;
}

function clock(date: Date, stepMs = 60_000): string {
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return stepMs % 60_000 === 0 ? time : `${time}:${two(date.getSeconds())}`;
}

function day(date: Date): string {
  return `${MONTHS[date.getMonth()]} ${date.getDate()}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
