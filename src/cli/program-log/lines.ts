import type { LogFields, LogLevel } from "../../core/log.ts";
import { escapedControls, terminalText } from "../../core/terminal-text.ts";
import { paint } from "../colours.ts";

/** One line of the program's log, before it is written down in one way or the other. */
export interface LogRecord {
  /** Wall clock ms. */
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** How lines look for people. */
export interface PrettyLook {
  readonly colours: boolean;
  /** The systemd journal keeps the time itself, and takes the priority from the beginning of each line. */
  readonly journal: boolean;
}

/**
 * `TIME level message key=value …`. A message of several lines goes on indented, so that none of what it quotes can pass for a
 * line of the log.
 */
export function prettyLine(record: LogRecord, { colours, journal }: PrettyLook): string {
  const { timeMs, level, message, fields } = record;
  const [first = "", ...more] = terminalText(message).trimEnd().split("\n");
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${valueText(value)}`);
  const time = journal ? "" : `${dim(new Date(timeMs).toISOString(), colours)} `;
  const after = pairs.length === 0 ? "" : ` ${dim(pairs.join(" "), colours)}`;
  const head = `${time}${colours ? paint(COLOURS[level], level) : level} ${first}${after}`;
  const lines = [head, ...more.map((line) => `  ${line}`)];
  return lines.map((line) => (journal ? `<${PRIORITIES[level]}>${line}` : line)).join("\n");
}

/** One JSON object: `ts`, `level`, `msg` and the fields, which cannot take the place of those three. */
export function jsonLine({ timeMs, level, message, fields }: LogRecord): string {
  const head = { ts: new Date(timeMs).toISOString(), level, msg: message };
  return escapedControls(JSON.stringify({ ...head, ...fields, ...head }));
}

/** Of syslog, as sd-daemon(3) has them. */
const PRIORITIES: Record<LogLevel, number> = { error: 3, warn: 4, info: 6, debug: 7 };
const COLOURS: Record<LogLevel, string> = { error: "31", warn: "33", info: "32", debug: "36" };

function dim(text: string, colours: boolean): string {
  return colours ? paint("2", text) : text;
}

/** As it is where that is clear, else in quotes. */
function valueText(value: string | number | boolean | null): string {
  if (typeof value !== "string") return String(value);
  return /^[^\s"=\p{Cc}]+$/u.test(value) ? terminalText(value) : escapedControls(JSON.stringify(value));
}
