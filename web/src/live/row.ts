import type { ExchangeRow } from "../../../src/api/exchanges.ts";
import type {
  AttemptEvent,
  AttemptRecord,
  CompleteEvent,
  ProgressEvent,
  RouterEvent,
  Warning,
} from "../../../src/record/events.ts";

export type ExchangeEvent = Extract<RouterEvent, { id: string }>;

/** What one exchange's row shows. Never changed in place: a row that looks the same is the same object. */
export interface LiveRow {
  id: string;
  startedMs: number;
  /** Undefined while it is under way. */
  endedMs: number | undefined;
  /** When something was last heard of it. */
  heardMs: number;
  client: string | null;
  agent: string | null;
  /** Of the router's keys, the name of the one it presented. */
  key: string | null;
  session: string | null;
  stream: boolean;
  requestedModel: string | null;
  /** The beginning of the last user message; null when content is not recorded. */
  preview: string | null;
  tags: readonly string[];
  responseTags: readonly string[];
  plugins: readonly string[];
  /** Label of the rule that decided. */
  rule: string | null;
  /** What each rule said; only while it is under way. */
  decision: readonly Record<string, unknown>[];
  provider: string | null;
  sentModel: string | null;
  attempts: readonly Attempt[];
  attemptCount: number;
  warnings: readonly Pick<Warning, "warning" | "message">[];
  warningCount: number;
  losses: number;
  /** What was said so far; of a finished one only the beginning. */
  text: string;
  reasoning: string;
  tool: string | null;
  /** Estimated while it is under way. */
  outputTokens: number | null;
  timeToFirstTokenMs: number | null;
  durationMs: number | null;
  outcome: string | null;
  status: number | null;
  error: string | null;
  usage: ExchangeRow["usage"];
  cost: ExchangeRow["cost"] | null;
}

export type Attempt = Omit<AttemptRecord, "usage" | "continued">;

/** So much of an answer under way is kept for the Exchange page, and of a finished one for its row. */
const MAX_TEXT = 64 * 1024;
const KEPT_TEXT = 300;

function emptyRow(id: string, startedMs: number): LiveRow {
  return {
    id,
    startedMs,
    endedMs: undefined,
    heardMs: startedMs,
    client: null,
    agent: null,
    key: null,
    session: null,
    stream: false,
    requestedModel: null,
    preview: null,
    tags: [],
    responseTags: [],
    plugins: [],
    rule: null,
    decision: [],
    provider: null,
    sentModel: null,
    attempts: [],
    attemptCount: 0,
    warnings: [],
    warningCount: 0,
    losses: 0,
    text: "",
    reasoning: "",
    tool: null,
    outputTokens: null,
    timeToFirstTokenMs: null,
    durationMs: null,
    outcome: null,
    status: null,
    error: null,
    usage: null,
    cost: null,
  };
}

/** The row after one more event. Who opened the page in the middle of an exchange sees what comes from then on. */
export function rowAfter(row: LiveRow | undefined, event: ExchangeEvent): LiveRow {
  const before = { ...(row ?? emptyRow(event.id, event.ts_ms)), heardMs: event.ts_ms };
  switch (event.type) {
    case "start": {
      const { model: requestedModel, client, agent, key, session, stream, preview, ts_ms: startedMs } = event;
      // Told again from the beginning after events were lost: what was known of it would be there twice.
      return { ...emptyRow(event.id, startedMs), requestedModel, client, agent, key, session, stream, preview };
    }
    case "classified":
      return { ...before, tags: event.tags };
    case "routed": {
      const { provider, model: sentModel, decision } = event;
      return { ...before, provider, sentModel, decision, rule: ruleOf(decision) };
    }
    case "attempt":
      return afterAttempt(before, event);
    case "warning": {
      const { warning, message } = event;
      const warnings = [...before.warnings, { warning, message }];
      return { ...before, warnings, warningCount: warnings.length };
    }
    case "progress":
      return afterProgress(before, event);
    case "complete":
      return afterComplete(before, event);
  }
}

function afterAttempt(row: LiveRow, event: AttemptEvent): LiveRow {
  const {
    type: _type,
    id: _id,
    ts_ms: _at,
    attempt: _number,
    next,
    usage: _usage,
    continued: _seam,
    ...attempt
  } = event;
  const attempts = [...row.attempts, attempt];
  const to = next ? { provider: next.provider, sentModel: next.model } : {};
  return { ...row, ...to, attempts, attemptCount: attempts.length };
}

function afterProgress(row: LiveRow, event: ProgressEvent): LiveRow {
  return {
    ...row,
    text: event.text === null ? row.text : (row.text + event.text).slice(-MAX_TEXT),
    reasoning: event.reasoning === null ? row.reasoning : (row.reasoning + event.reasoning).slice(-MAX_TEXT),
    tool: event.tool,
    outputTokens: event.output_tokens,
    timeToFirstTokenMs: event.time_to_first_token_ms ?? row.timeToFirstTokenMs,
  };
}

function afterComplete(row: LiveRow, event: CompleteEvent): LiveRow {
  const { response } = event;
  return {
    ...row,
    startedMs: event.ts_ms - event.duration_ms,
    endedMs: event.ts_ms,
    client: event.client,
    agent: event.agent,
    key: event.key,
    session: event.session,
    stream: event.stream,
    requestedModel: event.requested_model,
    tags: event.tags,
    responseTags: response?.tags ?? [],
    plugins: event.plugins,
    rule: ruleOf(event.decision),
    decision: [],
    provider: event.provider,
    sentModel: event.sent_model,
    attempts: event.attempts.map(({ usage: _usage, continued: _seam, ...attempt }) => attempt),
    attemptCount: event.attempts.length,
    warnings: event.warnings.map(({ warning, message }) => ({ warning, message })),
    warningCount: event.warnings.length,
    losses: event.losses.length,
    text: (response?.content ?? "").slice(0, KEPT_TEXT),
    reasoning: "",
    tool: response?.tool_calls.at(-1)?.name ?? null,
    outputTokens: event.usage?.output_tokens ?? null,
    timeToFirstTokenMs: event.time_to_first_token_ms,
    durationMs: event.duration_ms,
    outcome: event.outcome,
    status: event.status,
    error: event.error,
    usage: event.usage,
    cost: event.cost,
  };
}

/** Label of the rule that was chosen. */
function ruleOf(decision: readonly Record<string, unknown>[]): string | null {
  const label = decision.find((verdict) => verdict["outcome"] === "chosen")?.["label"];
  return typeof label === "string" ? label : null;
}

/** The row of an exchange the store knows. */
export function rowOfStored(stored: ExchangeRow): LiveRow {
  return {
    ...emptyRow(stored.id, stored.started_ms),
    endedMs: stored.ts_ms,
    heardMs: stored.ts_ms,
    client: stored.client,
    agent: stored.agent,
    key: stored.key,
    session: stored.session,
    stream: stored.stream,
    requestedModel: stored.requested_model,
    preview: stored.preview,
    tags: stored.tags,
    responseTags: stored.response_tags,
    plugins: stored.plugins,
    rule: stored.rule,
    provider: stored.provider,
    sentModel: stored.sent_model,
    attemptCount: stored.attempts,
    warningCount: stored.warnings,
    losses: stored.losses,
    outputTokens: stored.usage?.output_tokens ?? null,
    timeToFirstTokenMs: stored.time_to_first_token_ms,
    durationMs: stored.duration_ms,
    outcome: stored.outcome,
    status: stored.status,
    error: stored.error,
    usage: stored.usage,
    cost: stored.cost,
  };
}
