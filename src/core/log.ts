/** From what must be seen to what only helps to find a fault. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a line is about, for programs that read logs: `provider`, `model`, `request_id`. No keys, no prompt text. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** The program's own log: one line for people, and what of it a program may want. No keys, no prompt text. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;
