import type { Json, JsonObject } from "../core/json.ts";
import type { Loss } from "../core/loss.ts";
import type { Usage } from "../core/usage.ts";
import type { Cost } from "../cost/cost.ts";

/**
 * The events of the feed and the log, as 0.7.0 named them: consumers written for it read these unchanged. Fields may be
 * added, none may change its meaning. `ts_ms` is wall clock, ms since 1970.
 */
export interface StartEvent {
  type: "start";
  id: string;
  ts_ms: number;
  /** As the client sent it. */
  model: string;
  in_flight: number;
  /** The client's dialect. */
  client: string;
  /** The program, as its user-agent names it: `claude-code`, `codex`, `curl`; null when it does not say. */
  agent: string | null;
  /** What the config calls the key it came with; null when it needs none. */
  key: string | null;
  /** What the client calls the conversation; null when it does not say. */
  session: string | null;
  stream: boolean;
  /** The beginning of the last user message; null when there is none, or content is not recorded. */
  preview: string | null;
}

/** How far an answer is that is being streamed: only for feeds that ask for it, a few times a second for each exchange. */
export interface ProgressEvent {
  type: "progress";
  id: string;
  ts_ms: number;
  /** Text said since the progress event before; null: none, or content is not recorded. */
  text: string | null;
  /** Likewise, of its thinking. */
  reasoning: string | null;
  /** The tool it is calling. */
  tool: string | null;
  /** Said so far, estimated. */
  output_tokens: number;
  time_to_first_token_ms: number | null;
}

/** To a watcher of the feed that came back too late: what happened in between is not to be had here. */
export interface MissedEvent {
  type: "missed";
  /** The one it had last. */
  last_event_id: string;
  /** `restarted`: that was another run of the router. */
  why: "too_much" | "restarted";
}

export interface ClassifiedEvent {
  type: "classified";
  id: string;
  ts_ms: number;
  tags: string[];
}

export interface RoutedEvent {
  type: "routed";
  id: string;
  ts_ms: number;
  provider: string;
  /** The model sent, after rewrites and aliases. */
  model: string;
  /** What each rule said. */
  decision: JsonObject[];
  /** Its conversation moves; absent: it stays, or began. */
  switched?: Switch;
}

/** A conversation goes on at another target than before. */
export interface Switch {
  from: { provider: string; model: string };
  to: { provider: string; model: string };
  /** Tokens of its prompt that the one before was expected to have in its cache. */
  uncached_tokens: number;
  /** What these cost more without one, US dollars; null: not known. */
  usd: number | null;
}

/** Something the router did, or saw, that its owner should know of. */
export interface WarningEvent extends Warning {
  type: "warning";
  id: string;
  ts_ms: number;
}

export interface Warning {
  /**
   * `reasoning_stripped`: the provider refused reasoning state, the request went again without it. `prompt_cache_broken`: the
   * router changed the beginning of a prompt that its client left as it was. `plugin`: a plugin has something to say.
   * `plugin_failed`: one failed, and the exchange went on without it.
   */
  warning: "reasoning_stripped" | "prompt_cache_broken" | "plugin" | "plugin_failed";
  /** For people. */
  message: string;
  details: JsonObject;
}

/** The config was read again while the router ran, or the one before answers again. */
export interface ConfigEvent {
  type: "config";
  ts_ms: number;
  /** The version that answers from now on: the one before when the new one was not taken. */
  version: number;
  ok: boolean;
  /** What is wrong with it, or worth a look, with file, line and column. */
  problems: string[];
  /** `rollback`: the one before answers again, since requests failed (`[routing] rollback_on_errors`); `problems` says why. */
  source: "SIGHUP" | "file" | "rollback";
  /** What is different now, in words, the most important first; empty: nothing that counts, or it was not taken. */
  changes: string[];
}

/** A provider, or one of its models, is left alone from now on, tried again or well again; or its owner has to see to something. */
export interface ProviderEvent {
  type: "provider";
  ts_ms: number;
  provider: string;
  /** Null: the provider with all its models. */
  model: string | null;
  state: "closed" | "open" | "probing";
  /** For people; in the router's own words, not the provider's. */
  reason: string;
  /** How long it is left alone from now on. */
  pause_ms: number;
  /** `credential`, `quota`, `not-found` or `tls`: not a change of state, but something only its owner can mend. */
  alarm: string | null;
}

/** Writing the log stopped to work, records began to be lost, or all is well again. */
export interface LogEvent {
  type: "log";
  ts_ms: number;
  path: string;
  /** It is written, and nothing waits. */
  ok: boolean;
  /** Records missing in it since the router started. */
  dropped: number;
  /** What is wrong; null when it is written again. */
  error: string | null;
}

/** How one attempt to have a request answered went. */
export interface AttemptRecord {
  provider: string;
  /** The model sent. */
  model: string;
  /** A digest of the provider's API and address: a record of the same one tells how it is, whatever else the config says by now. */
  place?: string;
  /** `ok`, a failure kind, or `cancelled`: another attempt was faster, or the client left. */
  outcome: string;
  /** When it began: ms since the exchange did. */
  at_ms: number;
  /** From sending (or queueing) to its end. */
  ms: number;
  /** Of these, spent in the provider's queue; absent: it did not queue. */
  queued_ms?: number;
  /** From its turn until its connection stood; absent: there was one already, or none came about. */
  connect_ms?: number;
  /** From its turn to the provider's response headers; absent: none came. */
  headers_ms?: number;
  /** HTTP status of the provider, where it answered with an error. */
  status?: number;
  /** What went wrong, for people. */
  error?: string;
  /** A second attempt beside a slow first one. */
  hedge?: true;
  /** Of the slower of two that was cancelled, and of those that made one answer together: each one's own. */
  usage?: LoggedUsage;
  /** Of the request to the provider, where traces are kept (docs/telemetry.md): 16 hex digits. */
  span_id?: string;
  /** It went on with a text that another had begun, behind `offset` characters. */
  continued?: Seam;
}

/** Where the answers of two targets were joined. */
export interface Seam {
  from: { provider: string; model: string };
  to: { provider: string; model: string };
  /** Characters (UTF-16) of text the client had by then. */
  offset: number;
}

/** An attempt is over: sent as it happens. */
export interface AttemptEvent extends AttemptRecord {
  type: "attempt";
  id: string;
  ts_ms: number;
  /** From 1. */
  attempt: number;
  /** Where the request goes next; null when this was the last attempt. */
  next: { provider: string; model: string } | null;
}

/** Also the JSONL log line. */
export interface CompleteEvent {
  type: "complete";
  id: string;
  ts_ms: number;
  /** Null when the request failed before one was chosen; `plugin` when a plugin answered. */
  provider: string | null;
  requested_model: string;
  sent_model: string | null;
  duration_ms: number;
  tags: string[];
  /** The plugins that acted. */
  plugins: string[];
  trace_id: string | null;
  system: string | null;
  /** Its length, where it is not recorded (`[logging] content`). */
  system_chars?: number;
  messages: LoggedMessage[];
  response: LoggedResponse | null;
  error: string | null;
  /** Added to 0.7.0's fields from here on. `outcome`: `ok`, a failure kind, or a router error code. */
  outcome: string;
  /** HTTP status the client got; null when it left before one was sent. */
  status: number | null;
  client: string;
  /** As in `start`. */
  agent: string | null;
  key: string | null;
  session: string | null;
  stream: boolean;
  passthrough: boolean;
  time_to_first_token_ms: number | null;
  usage: LoggedUsage | null;
  cost: Cost;
  losses: Loss[];
  decision: JsonObject[];
  /** What that was made from; absent where nobody was asked. */
  routing?: LoggedRouting;
  /** As in `routed`. */
  switched?: Switch;
  warnings: Warning[];
  /** Every attempt, in the order in which they began; none for what was never sent. */
  attempts: AttemptRecord[];
  /** Of the config that answered, from 1 on. */
  config_version: number;
  /** Of system and tools as the provider gets them, with its name and the model; null when the client names no session. */
  prefix_hash: string | null;
  /** Where traces are kept: its place in one. */
  trace?: LoggedTrace;
}

/**
 * What rules looked at: with the same config and this, the same decision is made again (docs/replay.md). What no rule asked for
 * is absent.
 */
export interface LoggedRouting {
  /** Of all draws. */
  seed: number;
  /** A digest of what decides in the config: two decisions with the same one are comparable. */
  config: string;
  /** Providers that were left out for want of their key. */
  skipped?: string[];
  /** What rules were asked for, where a plugin changed it. */
  model?: string;
  /** What the model had to be able to do: `vision`, `tools`. */
  needs?: string[];
  /** The time rules went by: ms since 1970. */
  at_ms?: number;
  /** Estimated, as rules saw it. */
  input_tokens?: number;
  /** A digest that stays the same from turn to turn. */
  conversation?: string;
  /** By name in lower case; null: the client did not send it. */
  headers?: Record<string, string | null>;
  /** A plugin's choice: no rule was asked. */
  forced?: { provider: string; model?: string }[];
  /** Who had to go on with the conversation, if the rule had it among its own. */
  prefer?: { provider: string; model: string; why: string };
  /** Where the conversation was answered before; null: nowhere. */
  affinity?: LoggedAffinity | null;
  /** Tokens of the answer that costs were reckoned with. */
  output_tokens?: number;
  /** What was known of targets, as far as it is not what the config says. */
  targets?: LoggedTarget[];
  /** Those that were to be left alone, of the ones that came into question. */
  left_alone?: { provider: string; model: string; hold_ms: number }[];
  /** Those that would have lost something of the request, or refused it, of the ones that came into question. */
  lossy?: { provider: string; model: string; fields: string[]; refused: string[] }[];
  /**
   * What the decision went by besides, and is not recorded: `headers` that `[logging] content` keeps out, `module` for rules of
   * the owner's own code.
   */
  incomplete?: string[];
}

/** What a rule asked of a target. */
export interface LoggedTarget {
  provider: string;
  /** As it is sent. */
  model: string;
  latency_ms?: LoggedNumber | null;
  tokens_per_sec?: LoggedNumber | null;
  error_rate?: LoggedNumber | null;
  cost_per_1m?: LoggedNumber | null;
  /** What the model can do; null: nothing is known of it. */
  info?: { capabilities?: string[]; context?: number } | null;
}

/** What ties a conversation to a target. */
export interface LoggedAffinity {
  provider: string;
  /** As it was sent. */
  model: string;
  /** Of the prompt, expected to be in its cache. */
  cached_tokens: number;
  /** Of an answer there, lately. */
  output_tokens: number;
  sticky: "cache" | "conversation";
}

/** A number, and where it is from. */
export interface LoggedNumber {
  value: number;
  source: "configured" | "measured" | "catalogue";
  /** How many answers say so. */
  samples?: number;
  /** Of a cost that depends on the request: tokens of the prompt that were taken to be cached. */
  cached_tokens?: number;
}

/** A request's place in a trace, and what a trace tells of it besides. */
export interface LoggedTrace {
  /** 16 hex digits. */
  span_id: string;
  /** The client's; null: the trace began here. */
  parent_span_id: string | null;
  /** The client's `tracestate`. */
  state: string | null;
  /** It is kept. */
  sampled: boolean;
  /** What was asked for, under the names of the GenAI conventions (`temperature`, `max_tokens`). */
  parameters: JsonObject;
}

export type RouterEvent =
  | StartEvent
  | ClassifiedEvent
  | RoutedEvent
  | AttemptEvent
  | WarningEvent
  | ProgressEvent
  | ConfigEvent
  | ProviderEvent
  | LogEvent
  | CompleteEvent;

export interface LoggedMessage {
  role: string;
  content: JsonObject[];
}

export interface LoggedResponse {
  id: string;
  model: string;
  /** Empty also where it is not recorded; `content_chars` is its length then. */
  content: string;
  content_chars?: number;
  stop_reason: "end_turn" | "max_tokens" | "tool_use" | "other";
  tool_calls: { id: string; name: string; arguments: Json; arguments_chars?: number }[];
  usage: { input_tokens: number; output_tokens: number };
  tags: string[];
  /** Only the beginning of what the client got was kept. */
  truncated?: true;
}

export interface LoggedUsage {
  input_tokens: number;
  output_tokens: number;
  cached_read_tokens: number;
  cache_write_tokens: number;
  reasoning_tokens: number;
  /** False: estimated by the router. */
  reported: boolean;
}

export function loggedUsage(usage: Usage): LoggedUsage {
  return {
    input_tokens: usage.input,
    output_tokens: usage.output,
    cached_read_tokens: usage.cachedRead,
    cache_write_tokens: usage.cacheWrite,
    reasoning_tokens: usage.reasoning,
    reported: usage.reported,
  };
}
