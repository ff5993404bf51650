import type { Clock } from "../../core/clock.ts";
import type { RouterErrorCode } from "../../core/errors.ts";
import type { FailureKind } from "../../core/failure.ts";
import type { RouterEvent } from "../../record/events.ts";
import type { Sink } from "../../record/recorder.ts";

/** So long a new version is watched. */
const WATCHED_MS = 5 * 60_000;
/** Fewer requests say nothing. */
const MIN_REQUESTS = 20;
/** The share of failed requests has to be higher than before by so much … */
const MIN_RISE = 0.2;
/** … and so many times what it was. */
const MIN_TIMES = 2;

/** Told of neither config nor provider: the client's own mistakes, its leaving, the router's stop. They are not counted at all. */
const NOT_COUNTED: ReadonlySet<string> = new Set([
  "caller",
  "context",
  "client-gone",
  "bad_request",
  "body_too_large",
  "previous_response_not_found",
  "plugin_refused",
  "stopping",
] satisfies (FailureKind | RouterErrorCode)[]);

/** A version of the config, and how its requests fare. */
interface Counted<C> {
  readonly config: C;
  readonly versions: Set<number>;
  readonly tally: Tally;
}

export interface Tripped<C> {
  /** That fails. */
  readonly version: number;
  /** For people. */
  readonly why: string;
  /** The config to go back to, and which version it was. */
  readonly config: C;
  readonly before: number;
}

/**
 * Compares how often requests fail under a new config with how often they did under the one before, for its first minutes.
 * `C`: what a config is to who goes back to it.
 */
export class ErrorWatch<C> implements Sink {
  readonly completeOnly = true;
  readonly ignoresJson = true;
  /** Set by who goes back. */
  tripped: (what: Tripped<C>) => void = () => undefined;
  readonly #clock: Clock;
  #isOn = false;
  /** The last version that proved itself, or has to be taken for that. */
  #proven: Counted<C> | undefined;
  #watched: (Counted<C> & { untilMs: number }) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get active(): boolean {
    return this.#isOn;
  }

  /** A version answers from now on. The first one, and one that says `isOn` is false, is not watched. */
  began(version: number, config: C, isOn: boolean): void {
    this.#settle(true);
    this.#isOn = isOn;
    const counted = { config, versions: new Set([version]), tally: new Tally() };
    if (this.#proven === undefined || !isOn) {
      this.#proven = counted;
      this.#watched = undefined;
    } else this.#watched = { ...counted, untilMs: this.#clock.nowMs() + WATCHED_MS };
  }

  /** The proven config answers again, as this version: it is not watched, so that nothing goes to and fro. */
  wentBack(version: number, isOn: boolean): void {
    this.#isOn = isOn;
    this.#proven?.versions.add(version);
  }

  take(event: RouterEvent): void {
    if (event.type !== "complete" || NOT_COUNTED.has(event.outcome)) return;
    this.#settle(false);
    const version = event.config_version;
    const counted = [this.#watched, this.#proven].find((one) => one?.versions.has(version));
    counted?.tally.add(event.outcome !== "ok", this.#clock.nowMs());
    if (counted !== undefined && counted === this.#watched) this.#judge(version, counted);
  }

  /** A version has proved itself when its time is over; when another comes before, by having answered enough. */
  #settle(isFollowed: boolean): void {
    const watched = this.#watched;
    if (watched === undefined) return;
    const isOver = this.#clock.nowMs() >= watched.untilMs;
    if (!isOver && !isFollowed) return;
    if (isOver || watched.tally.requests >= MIN_REQUESTS) this.#proven = watched;
    this.#watched = undefined;
  }

  #judge(version: number, { tally }: Counted<C>): void {
    const proven = this.#proven;
    if (proven === undefined || tally.requests < MIN_REQUESTS) return;
    const [was, is] = [proven.tally.share, tally.share];
    if (is - was < MIN_RISE || is < MIN_TIMES * was) return;
    this.#watched = undefined;
    const [before = 0] = proven.versions;
    const why = `${tally.words} requests failed under version ${version}, ${proven.tally.words} under version ${before}`;
    this.tripped({ version, why, config: proven.config, before });
  }
}

const BUCKET_MS = 30_000;

/** Requests of the last minutes; of more, where these have too few. */
class Tally {
  readonly #buckets: { untilMs: number; requests: number; failed: number }[] = [];

  add(hasFailed: boolean, nowMs: number): void {
    let last = this.#buckets.at(-1);
    if (last === undefined || nowMs >= last.untilMs) {
      last = { untilMs: nowMs + BUCKET_MS, requests: 0, failed: 0 };
      this.#buckets.push(last);
      this.#forget(nowMs - WATCHED_MS);
    }
    last.requests++;
    if (hasFailed) last.failed++;
  }

  get requests(): number {
    return this.#buckets.reduce((sum, { requests }) => sum + requests, 0);
  }

  get #failed(): number {
    return this.#buckets.reduce((sum, { failed }) => sum + failed, 0);
  }

  /** From 0 to 1; 0 where there were none. */
  get share(): number {
    return this.#failed / Math.max(1, this.requests);
  }

  /** `18 of 20 (90 %)` */
  get words(): string {
    return `${this.#failed} of ${this.requests} (${Math.round(100 * this.share)} %)`;
  }

  #forget(beforeMs: number): void {
    for (;;) {
      const [first] = this.#buckets;
      if (first === undefined || first.untilMs > beforeMs || this.requests - first.requests < MIN_REQUESTS) return;
      this.#buckets.shift();
    }
  }
}
