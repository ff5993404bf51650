import { LOG_LEVELS, type Log, type LogFields } from "../../core/log.ts";
import { jsonLine, type LogRecord, prettyLine } from "./lines.ts";
import type { LogSettings } from "./options.ts";

/** Gets each line besides. It must return at once and never throw; what it logs itself is not given to it again. */
export type LogReceiver = (record: LogRecord) => void;

/** Where lines go. */
export interface LogTarget {
  /** Takes one line without its end (pretty: perhaps several), at once. */
  write(line: string): void;
  /** Nobody reads what was written: no more for now. Absent: never so. */
  isFull?(): boolean;
}

/** Shorter ones are words as well, and would leave holes all over the log. */
const SHORTEST_SECRET = 8;

/** The log of the program itself: what it was told is written, where its level lets it through. */
export class ProgramLog {
  /** To be handed on. */
  readonly log: Log;
  readonly settings: LogSettings;
  readonly #target: LogTarget;
  readonly #wallMs: () => number;
  readonly #receivers = new Set<LogReceiver>();
  readonly #rank: number;
  #secrets: readonly string[] = [];
  #telling = false;
  #dropped = 0;

  constructor(settings: LogSettings, target: LogTarget, wallMs: () => number = Date.now) {
    this.settings = settings;
    this.#target = target;
    this.#wallMs = wallMs;
    this.#rank = LOG_LEVELS.indexOf(settings.level);
    this.log = (level, message, fields = {}) => {
      if (LOG_LEVELS.indexOf(level) > this.#rank) return;
      this.#take({ timeMs: wallMs(), level, message: this.#clean(message), fields: this.#cleanFields(fields) });
    };
  }

  /** Worth building debug lines for. */
  get debugs(): boolean {
    return this.settings.level === "debug";
  }

  /** Gives each further line to another receiver too; what it returns ends that. */
  also(receiver: LogReceiver): () => void {
    this.#receivers.add(receiver);
    return () => void this.#receivers.delete(receiver);
  }

  /** The last guard: these never get into a line from now on, whatever message they are in. */
  hide(secrets: Iterable<string>): void {
    const forms = [...secrets].flatMap((secret) => [secret, encodeURIComponent(secret)]);
    const known = [...this.#secrets, ...forms].filter((secret) => secret.length >= SHORTEST_SECRET);
    // One may be the beginning of another.
    this.#secrets = [...new Set(known)].sort((a, b) => b.length - a.length);
  }

  #take(record: LogRecord): void {
    this.#write(record);
    if (this.#telling || this.#receivers.size === 0) return;
    this.#telling = true;
    try {
      for (const receiver of this.#receivers) receiver(record);
    } finally {
      this.#telling = false;
    }
  }

  #write(record: LogRecord): void {
    if (this.#target.isFull?.() === true) {
      this.#dropped++;
      return;
    }
    const { settings } = this;
    const text = (one: LogRecord) => (settings.format === "json" ? jsonLine(one) : prettyLine(one, settings));
    if (this.#dropped > 0) {
      const message = `${this.#dropped} lines of this log are missing: nobody read it`;
      this.#target.write(text({ timeMs: this.#wallMs(), level: "warn", message, fields: { dropped: this.#dropped } }));
      this.#dropped = 0;
    }
    this.#target.write(text(record));
  }

  #clean(text: string): string {
    let clean = text;
    for (const secret of this.#secrets) clean = clean.replaceAll(secret, "[secret]");
    return clean;
  }

  #cleanFields(fields: LogFields): LogFields {
    if (this.#secrets.length === 0) return fields;
    return Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, typeof value === "string" ? this.#clean(value) : value]),
    );
  }
}
