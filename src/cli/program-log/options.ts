import { fstatSync } from "node:fs";
import type { Env } from "../../config/check/providers.ts";
import { LOG_LEVELS, type LogLevel } from "../../core/log.ts";
import { hasColours } from "../colours.ts";
import { type Io, Refusal } from "../io.ts";
import type { PrettyLook } from "./lines.ts";

const LOG_FORMATS = ["pretty", "json"] as const;

/** What may be said of the program's own log, for every command that has one. */
export const LOG_OPTIONS = {
  "log-format": {
    type: "string",
    value: "FORMAT",
    choices: LOG_FORMATS,
    summary: "how the program's own log looks",
  },
  "log-level": {
    type: "string",
    value: "LEVEL",
    choices: LOG_LEVELS,
    summary: "how much the program's own log says",
  },
} as const;

/** How the program's log is written. */
export interface LogSettings extends PrettyLook {
  readonly format: (typeof LOG_FORMATS)[number];
  readonly level: LogLevel;
}

interface LogOptions {
  readonly "log-format"?: LogSettings["format"] | undefined;
  readonly "log-level"?: LogLevel | undefined;
}

/** The option wins, then the environment. Throws `Refusal` for what the environment cannot mean. */
export function logSettings(options: LogOptions, { env, isTerminal }: Pick<Io, "env" | "isTerminal">): LogSettings {
  const journal = isJournal(env);
  return {
    format: options["log-format"] ?? fromEnv(env, "OPENSOURCELLMROUTER_LOG_FORMAT", LOG_FORMATS) ?? "pretty",
    level: options["log-level"] ?? fromEnv(env, "OPENSOURCELLMROUTER_LOG_LEVEL", LOG_LEVELS) ?? "info",
    journal,
    colours: !journal && hasColours(env, isTerminal?.err === true),
  };
}

function fromEnv<const T extends string>(env: Env, variable: string, allowed: readonly T[]): T | undefined {
  const text = env[variable]?.trim().toLowerCase();
  if (!text) return undefined;
  const value = allowed.find((one) => one === text);
  if (value !== undefined) return value;
  throw new Refusal(2, `${variable} must be one of ${allowed.join(", ")}, not ${JSON.stringify(text)}`);
}

/** Whether stderr goes to the systemd journal: it names the device and inode of what it gave us, which others may have replaced. */
export function isJournal({ JOURNAL_STREAM: stream }: Env, stderr: number = process.stderr.fd): boolean {
  if (!stream) return false;
  const { dev, ino } = fstatSync(stderr, { bigint: true });
  return stream === `${dev}:${ino}`;
}
