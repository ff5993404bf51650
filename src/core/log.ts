/** The program's own log: one line, no keys, no prompt text. */
export type Log = (level: "info" | "warn" | "error", message: string) => void;
