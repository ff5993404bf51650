import type { JsonObject } from "../core/json.ts";
import type { Cost } from "../cost/cost.ts";
import type { Pricing } from "../cost/pricing.ts";
import {
  loggedAttempt,
  loggedMessages,
  loggedResponse,
  loggedSystem,
  loggedWarning,
  previewOf,
} from "../record/content.ts";
import { type Content, contentOf } from "../record/content-policy.ts";
import {
  type AttemptEvent,
  type AttemptRecord,
  type ClassifiedEvent,
  type CompleteEvent,
  loggedUsage,
  type RoutedEvent,
  type StartEvent,
  type Switch,
  type Warning,
} from "../record/events.ts";
import type { Recorder } from "../record/recorder.ts";
import { loggedTrace } from "../record/telemetry/logged-trace.ts";
import { agentIn } from "../wire/agent.ts";
import { sessionIn } from "../wire/session.ts";
import { loggedRouting } from "./decision/logged-routing.ts";
import type { Exchange } from "./exchange.ts";
import { costOfExchange } from "./exchange-cost.ts";
import { switchOf } from "./switch.ts";

/** Tells the recorder of an exchange's milestones. Events are built only when somebody listens. */
export class Milestones {
  readonly #recorder: Recorder;
  readonly #pricing: Pricing;
  readonly #wallMs: () => number;

  constructor(recorder: Recorder, pricing: Pricing, wallMs: () => number) {
    this.#recorder = recorder;
    this.#pricing = pricing;
    this.#wallMs = wallMs;
  }

  started(exchange: Exchange, inFlight: number): void {
    this.#recorder.record("start", () => startEvent(exchange, inFlight));
  }

  classified(exchange: Exchange): void {
    this.#recorder.record("classified", () => classifiedEvent(exchange, this.#wallMs()));
  }

  routed(exchange: Exchange): void {
    this.#recorder.record("routed", () => {
      const event = routedEvent(exchange, this.#wallMs());
      const switched = this.#switchTo(exchange.sentModel, exchange, event.ts_ms);
      return switched ? { ...event, switched } : event;
    });
  }

  /** An attempt is over. `next`: where the request goes then. */
  attempted(exchange: Exchange, record: AttemptRecord, next: Place | undefined): void {
    this.#recorder.record("attempt", () => attemptEvent(exchange, record, next, this.#wallMs()));
  }

  warned(exchange: Exchange, warning: Warning): void {
    const logged = loggedWarning(warning, contentOf(exchange.contentPolicy));
    exchange.warnings.push(logged);
    this.#recorder.record("warning", () => ({ type: "warning", id: exchange.id, ts_ms: this.#wallMs(), ...logged }));
  }

  completed(exchange: Exchange): void {
    this.#recorder.record("complete", () => {
      const wallMs = this.#wallMs();
      const event = completeEvent(exchange, costOfExchange(exchange, this.#pricing, wallMs), wallMs);
      const switched = this.#switchTo(exchange.answeredBy?.model, exchange, wallMs);
      return switched ? { ...event, switched } : event;
    });
  }

  /** `model`: as it is sent; undefined: to none. */
  #switchTo(model: string | undefined, exchange: Exchange, wallMs: number): Switch | undefined {
    const provider = exchange.target?.provider;
    return provider && model !== undefined ? switchOf(exchange, { provider, model }, this.#pricing, wallMs) : undefined;
  }
}

/** Where a request goes. */
interface Place {
  provider: string;
  model: string;
}

/** `inFlight`: how many are under way. */
export function startEvent(exchange: Exchange, inFlight: number): StartEvent {
  const content = contentOf(exchange.contentPolicy);
  return {
    type: "start",
    id: exchange.id,
    ts_ms: exchange.startedWallMs,
    model: exchange.requestedModel,
    in_flight: inFlight,
    client: exchange.incoming.client.dialect,
    agent: agentIn(exchange.incoming.headers) ?? null,
    key: exchange.key ?? null,
    session: sessionOf(exchange, content),
    stream: exchange.stream,
    preview: previewOf(exchange.request, content),
  };
}

export function classifiedEvent(exchange: Exchange, wallMs: number): ClassifiedEvent {
  return { type: "classified", id: exchange.id, ts_ms: wallMs, tags: [...exchange.tags] };
}

export function routedEvent(exchange: Exchange, wallMs: number): RoutedEvent {
  return {
    type: "routed",
    id: exchange.id,
    ts_ms: wallMs,
    provider: exchange.target?.provider.name ?? "plugin",
    model: exchange.sentModel ?? exchange.request.model,
    decision: decisionOf(exchange),
  };
}

export function attemptEvent(
  exchange: Exchange,
  record: AttemptRecord,
  next: Place | undefined,
  wallMs: number,
): AttemptEvent {
  const { provider, model, outcome, at_ms, ms, ...more } = loggedAttempt(record, contentOf(exchange.contentPolicy));
  const attempt = exchange.attempts.indexOf(record) + 1;
  const to = next ? { provider: next.provider, model: next.model } : null;
  return {
    type: "attempt",
    id: exchange.id,
    ts_ms: wallMs,
    attempt,
    provider,
    model,
    outcome,
    at_ms,
    ms,
    next: to,
    ...more,
  };
}

function completeEvent(exchange: Exchange, cost: Cost, wallMs: number): CompleteEvent {
  const { request, usage, incoming } = exchange;
  const answer = exchange.answer?.response();
  const told = answer && usage ? { ...answer, usage } : answer;
  const failed = exchange.outcome !== "ok";
  const content = contentOf(exchange.contentPolicy);
  const { system, system_chars } = loggedSystem(request, content);
  const event: CompleteEvent = {
    type: "complete",
    id: exchange.id,
    ts_ms: wallMs,
    provider: exchange.answeredByPlugin ? "plugin" : (exchange.target?.provider.name ?? null),
    requested_model: exchange.requestedModel,
    sent_model: exchange.sentModel ?? null,
    duration_ms: Math.round(exchange.elapsedMs()),
    tags: [...exchange.tags],
    plugins: exchange.plugins,
    trace_id: exchange.trace?.traceId ?? traceIdOf(incoming.headers["traceparent"]),
    system,
    messages: loggedMessages(request, content),
    response: told && (!failed || told.parts.length > 0) ? loggedResponse(told, exchange.responseTags, content) : null,
    error: exchange.error === undefined ? null : content.fault(exchange.error, exchange.outcome),
    outcome: exchange.outcome,
    status: exchange.status ?? null,
    client: incoming.client.dialect,
    agent: agentIn(incoming.headers) ?? null,
    key: exchange.key ?? null,
    session: sessionOf(exchange, content),
    stream: exchange.stream,
    passthrough: exchange.passthrough,
    time_to_first_token_ms: exchange.firstTokenMs === undefined ? null : Math.round(exchange.firstTokenMs),
    usage: usage ? loggedUsage(usage) : null,
    cost,
    losses: [...exchange.losses],
    decision: decisionOf(exchange),
    ...(exchange.inputs && { routing: loggedRouting(exchange, exchange.inputs, content) }),
    warnings: exchange.warnings,
    attempts: exchange.attempts.map((record) => loggedAttempt(record, content)),
    config_version: exchange.configVersion,
    prefix_hash: exchange.prefixHash ?? null,
  };
  if (system_chars !== undefined) event.system_chars = system_chars;
  if (exchange.trace) event.trace = loggedTrace(exchange.trace, request, content);
  return event;
}

function sessionOf({ incoming }: Exchange, content: Content): string | null {
  const session = sessionIn(incoming.headers);
  return session === undefined ? null : content.label(session);
}

function decisionOf(exchange: Exchange): JsonObject[] {
  return exchange.decision?.verdicts.map((verdict) => ({ ...verdict })) ?? [];
}

/** The trace id of a W3C `traceparent` header. */
function traceIdOf(header: string | string[] | undefined): string | null {
  if (typeof header !== "string") return null;
  return /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(header)?.[1] ?? null;
}
