import type { Config } from "../config/config.ts";
import { Conversations } from "../conversation/conversations.ts";
import type { Clock, Random } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { Progress } from "../pipeline/progress.ts";
import { RawKeeper } from "../pipeline/raw/raw-keeper.ts";
import { Underway } from "../pipeline/underway.ts";
import type { ProviderEvent } from "../record/events.ts";
import type { Recorder } from "../record/recorder.ts";
import type { HealthChange } from "../resilience/health.ts";
import { Resilience } from "../resilience/resilience.ts";
import { Transports } from "../upstream/transports.ts";
import { ALONE, type Company } from "./company.ts";
import { Lifecycle } from "./lifecycle.ts";
import { Overload } from "./overload.ts";

interface LastingTools {
  clock: Clock;
  random: Random;
  log: Log;
  recorder: () => Recorder;
  company?: Company;
}

/** What outlives a config: a reload hands it on to the next version, with that one's settings. */
export class Lasting {
  readonly clock: Clock;
  /** Wall clock, ms. */
  readonly startedMs: number;
  readonly lifecycle = new Lifecycle();
  readonly transports: Transports;
  readonly conversations: Conversations;
  readonly overload: Overload;
  readonly resilience: Resilience;
  readonly underway = new Underway();
  readonly progress: Progress;
  readonly raw = new RawKeeper();
  readonly company: Company;

  /** `recorder`: the one of the version that answers. */
  constructor(config: Config, tools: LastingTools) {
    const { clock, random, log, recorder, company = ALONE } = tools;
    this.company = company;
    this.clock = clock;
    this.raw.configure(rawBytes(config));
    this.progress = new Progress(this.underway, clock, recorder);
    this.startedMs = clock.wallMs();
    this.transports = new Transports(this.clock, random);
    this.conversations = new Conversations(config.conversations, this.clock);
    this.overload = new Overload(config.overload, this.clock);
    const changed = (change: HealthChange) => {
      log(...wordsOf(change));
      recorder().record("provider", () => eventOf(change, clock.wallMs()));
    };
    this.resilience = new Resilience(config, this.clock, changed, company);
  }

  configure(config: Config): void {
    this.conversations.configure(config.conversations);
    this.overload.configure(config.overload);
    this.resilience.configure(config);
    this.raw.configure(rawBytes(config));
  }
}

/** Only the dashboard shows what went over the wire. */
function rawBytes({ server, logging }: Config): number {
  // Secrets cannot be masked in bytes that hold a text in pieces.
  return server.dashboard && logging.content === "full" ? logging.raw_mb * 1024 * 1024 : 0;
}

/** Once, when it changes: not with every request. */
function wordsOf(change: HealthChange): Parameters<Log> {
  const { provider, model, state, reason, alarm, pauseMs } = change;
  const target = model === null ? provider : `${provider}, model ${model}`;
  const what = alarm ? `alarm (${alarm})` : state;
  const fields = { provider, model, state, alarm, pause_ms: Math.round(pauseMs) };
  return [alarm || state === "open" ? "warn" : "info", `provider ${target}: ${what}: ${reason}`, fields];
}

function eventOf({ provider, model, state, reason, pauseMs, alarm }: HealthChange, wallMs: number): ProviderEvent {
  return { type: "provider", ts_ms: wallMs, provider, model, state, reason, pause_ms: Math.round(pauseMs), alarm };
}
