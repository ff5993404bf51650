import type { Failure, FailureKind } from "../core/failure.ts";

/** No load takes these away, and no waiting: somebody has to do something. */
const ALARM_KINDS = ["credential", "quota", "not-found", "tls"] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

/** How often the same is said again. */
const EVERY_MS = 60_000;
const KEPT_MS = 60 * 60_000;

export interface Alarm {
  kind: AlarmKind;
  /** Of the last one. */
  model: string;
  reason: string;
  times: number;
  agoMs: number;
}

interface Raised {
  model: string;
  reason: string;
  times: number;
  lastMs: number;
  saidMs: number;
}

export function alarmKind(kind: FailureKind): AlarmKind | undefined {
  return ALARM_KINDS.find((alarm) => alarm === kind);
}

/** What the owner of one provider has to see to. */
export class Alarms {
  readonly #raised = new Map<AlarmKind, Raised>();

  /** Returns true when it is to be said: the first time, and once a minute as long as it lasts. */
  raise(kind: AlarmKind, model: string, reason: string, nowMs: number): boolean {
    const before = this.#raised.get(kind);
    const isDue = before === undefined || nowMs - before.saidMs >= EVERY_MS;
    this.#raised.set(kind, {
      model,
      reason,
      times: (before?.times ?? 0) + 1,
      lastMs: nowMs,
      saidMs: isDue ? nowMs : before.saidMs,
    });
    return isDue;
  }

  /** The model answers: what was said of it is seen to. */
  answered(model: string): void {
    if (this.#raised.size === 0) return;
    for (const [kind, raised] of this.#raised) if (raised.model === model) this.#raised.delete(kind);
  }

  clear(): void {
    this.#raised.clear();
  }

  list(nowMs: number): Alarm[] {
    return [...this.#raised]
      .filter(([, { lastMs }]) => nowMs - lastMs <= KEPT_MS)
      .map(([kind, { model, reason, times, lastMs }]) => ({ kind, model, reason, times, agoMs: nowMs - lastMs }));
  }
}

/** What happened, without the provider's own words: they may repeat the prompt, and the program's log has none. */
export function briefly({ kind, message, upstreamStatus, code }: Failure): string {
  const isOurs = kind === "connect" || kind === "tls" || kind === "timeout";
  if (upstreamStatus === undefined && isOurs) return message;
  const said = [upstreamStatus, code !== undefined && /^[\w.-]{1,60}$/.test(code) ? code : undefined];
  const details = said.filter((word) => word !== undefined).join(" ");
  return details === "" ? kind : `${kind} (${details})`;
}
