import type { RawExchange } from "../../api/exchanges.ts";
import type { Status } from "../../api/routing.ts";
import type { ModelInfo } from "../../core/model.ts";
import type { TraceContext } from "../../core/trace-context.ts";
import type { RouterEvent, StartEvent } from "../../record/events.ts";
import type { Standing } from "../../resilience/health.ts";
import type { TurnAsked, TurnTold } from "../../resilience/remote-limiter.ts";
import type { HealthTold } from "../../resilience/told-health.ts";
import type { Totals } from "../../server/company.ts";
import type { Learned } from "../../server/shared/learned.ts";
import type { Listening, ToldConfig } from "../open-config.ts";
import type { LogRecord } from "../program-log/lines.ts";
import type { LogSettings } from "../program-log/options.ts";

/** What an exchange begins with, kept until it ends: for the case that its process does not. */
export type Begun = Omit<StartEvent, "type" | "preview" | "in_flight">;

/** What a worker tells, in the order in which it happened. */
export type Item =
  | { is: "learned"; learned: Learned }
  | { is: "health"; told: HealthTold }
  | { is: "turn"; asked: TurnAsked }
  | { is: "event"; type: RouterEvent["type"]; json: string }
  | { is: "began"; exchange: Begun }
  | { is: "ended"; id: string }
  | { is: "line"; record: LogRecord; place: TraceContext | undefined };

/** How a worker stands, told when it changes. */
export interface Stand {
  readonly totals: Totals;
  readonly log: Status["log"] | null;
  /** How late its timers were since the last time, ms. */
  readonly lateMs: readonly number[];
}

/** What a worker is asked. */
export type Question =
  /** What is under way; from then on it tells of progress. */
  | { of: "so far"; wantsProgress: boolean }
  /** What was recorded until now is in its log. */
  | { of: "written" }
  /** Whatever came before has been told. */
  | { of: "told" }
  | { of: "raw"; id: string };

export interface Answers {
  "so far": RouterEvent[];
  written: null;
  told: null;
  raw: RawExchange | null;
}

/** What a worker needs to serve. */
export interface Opening {
  readonly config: ToldConfig;
  readonly args: Listening;
  readonly log: LogSettings;
  readonly version: number;
  /** How many serve. */
  readonly count: number;
  /** In place of the config's. */
  readonly port: number;
  /** Where what is the owner's is answered. */
  readonly socket: string;
  readonly models: readonly Models[];
}

export interface Models {
  readonly provider: string;
  readonly models: readonly (readonly [string, ModelInfo])[];
}

/** Which events are of use to somebody. */
export interface Wanted {
  readonly types: readonly RouterEvent["type"][];
  /** What was asked and answered is not. */
  readonly lean: boolean;
}

/** Whose request tries a target, as one worker is told it: undefined means another's. */
export interface ToldStanding {
  readonly provider: string;
  readonly model: string | null;
  readonly standing: Standing;
  /** The number of its own request that is the probe. */
  readonly probe: number | undefined;
}

export type ToWorker =
  | { kind: "open"; worker: number; opening: Opening }
  | { kind: "learn"; learned: readonly Learned[] }
  | { kind: "underway"; elsewhere: number }
  | { kind: "standing"; told: ToldStanding }
  | { kind: "turn"; told: TurnTold }
  | { kind: "models"; models: Models }
  | { kind: "wanted"; wanted: Wanted }
  | { kind: "question"; id: number; question: Question }
  | { kind: "prepare"; config: ToldConfig }
  | { kind: "commit"; version: number; models: readonly Models[] }
  | { kind: "forget" }
  | { kind: "caught up"; id: number }
  | { kind: "stop" };

export type FromWorker =
  | { kind: "loaded" }
  | { kind: "listening"; url: string }
  | { kind: "failed"; code: string | undefined; message: string }
  | { kind: "items"; items: readonly Item[]; underway: number }
  | { kind: "stand"; stand: Stand }
  | { kind: "answer"; id: number; answer: Answers[keyof Answers] }
  | { kind: "prepared"; problem: string | null }
  | { kind: "catch up"; id: number }
  | { kind: "stopped" };
