import { newSpanId } from "../../core/trace-context.ts";
import type { AttemptRecord, CompleteEvent, LoggedTrace } from "../events.ts";
import {
  answerAttributes,
  contentAttributes,
  type ProviderFacts,
  requestAttributes,
  type SpanAttributes,
  usageAttributes,
} from "./gen-ai.ts";

/** A span that is over, before a package makes its own of it. Times: wall clock ms. */
export interface SpanData {
  name: string;
  kind: "internal" | "server" | "client";
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  /** The parent is the client's. */
  isRemote: boolean;
  /** `tracestate`. */
  state: string | undefined;
  startMs: number;
  endMs: number;
  attributes: SpanAttributes;
  events: { name: string; ms: number }[];
  /** What went wrong; undefined: nothing that is a fault. */
  error: string | undefined;
}

export interface SpanOptions {
  /** Prompts and answers too, as far as they are recorded. */
  content: boolean;
  providers: ReadonlyMap<string, ProviderFacts>;
}

/**
 * The spans of a finished exchange: `request` → `dispatch` → for each attempt `provider.send` → `provider.http`. None where
 * it is not sampled. Times are those of the event: nothing is measured for a trace.
 */
export function spansOf(event: CompleteEvent, options: SpanOptions): SpanData[] {
  const { trace, trace_id } = event;
  if (!trace?.sampled || trace_id === null) return [];
  const tree = new Tree(event, trace, trace_id, options);
  return tree.spans();
}

class Tree {
  readonly #event: CompleteEvent;
  readonly #trace: LoggedTrace;
  readonly #traceId: string;
  readonly #options: SpanOptions;
  readonly #startMs: number;

  constructor(event: CompleteEvent, trace: LoggedTrace, traceId: string, options: SpanOptions) {
    this.#event = event;
    this.#trace = trace;
    this.#traceId = traceId;
    this.#options = options;
    this.#startMs = event.ts_ms - event.duration_ms;
  }

  spans(): SpanData[] {
    const { attempts } = this.#event;
    const request = this.#request();
    const dispatch = this.#dispatch(request.spanId);
    const answering = answeringOf(this.#event);
    return [
      request,
      dispatch,
      ...attempts.flatMap((attempt) => this.#attempt(attempt, attempt === answering, dispatch.spanId)),
    ];
  }

  #request(): SpanData {
    const { client, key, status, agent, session, stream, outcome, time_to_first_token_ms } = this.#event;
    const span = this.#span("request", "server", this.#trace.parent_span_id ?? undefined, {
      "router.client": client,
      "router.stream": stream,
      ...given({
        "router.key": key,
        "http.response.status_code": status,
        "user_agent.name": agent,
        "gen_ai.conversation.id": session,
      }),
      ...errorType(outcome),
    });
    span.spanId = this.#trace.span_id;
    span.isRemote = this.#trace.parent_span_id !== null;
    if (time_to_first_token_ms !== null)
      span.events.push({ name: "first token", ms: this.#at(time_to_first_token_ms) });
    span.error = this.#fault();
    return span;
  }

  #dispatch(parent: string): SpanData {
    const { id, provider, requested_model, sent_model, tags, plugins, attempts, cost, passthrough, outcome } =
      this.#event;
    const span = this.#span("dispatch", "internal", parent, {
      request_id: id,
      model: sent_model ?? requested_model,
      tags: [...tags],
      "router.attempts": attempts.length,
      "router.passthrough": passthrough,
      ...given({ provider, "router.cost_usd": cost.usd }),
      ...(plugins.length > 0 && { "router.plugins": [...plugins] }),
      ...errorType(outcome),
    });
    span.error = this.#fault();
    return span;
  }

  /** One attempt: with its time in the queue, and within it the request itself, if it was sent. */
  #attempt(attempt: AttemptRecord, answers: boolean, parent: string): SpanData[] {
    const { provider, model, outcome, at_ms, ms, queued_ms = 0, hedge, error } = attempt;
    const facts = this.#options.providers.get(provider);
    const send = this.#span("provider.send", "client", parent, {
      request_id: this.#event.id,
      provider,
      model,
      "router.outcome": outcome,
      ...(hedge && { "router.hedge": true }),
      ...(queued_ms > 0 && { "router.queued_ms": queued_ms }),
      ...requestAttributes(this.#event, this.#trace, attempt, facts),
      ...usageAttributes(attempt, this.#event, answers),
      ...(answers && answerAttributes(this.#event, attempt)),
      ...(this.#options.content && contentAttributes(this.#event, answers)),
      ...errorType(outcome === "cancelled" ? "ok" : outcome),
    });
    send.startMs = this.#at(at_ms);
    send.endMs = this.#at(at_ms + ms);
    if (outcome !== "ok" && outcome !== "cancelled") send.error = error ?? outcome;
    const first = this.#event.time_to_first_token_ms;
    if (answers && first !== null) send.events.push({ name: "first token", ms: this.#at(first) });
    return wasSent(attempt) ? [send, this.#http(attempt, send, facts)] : [send];
  }

  /** Its id is what the provider got as its parent. */
  #http(attempt: AttemptRecord, send: SpanData, facts: ProviderFacts | undefined): SpanData {
    const { outcome, status, queued_ms = 0, connect_ms, headers_ms, span_id } = attempt;
    const sentMs = Math.min(send.startMs + queued_ms, send.endMs);
    const http = this.#span("provider.http", "client", send.spanId, {
      "http.request.method": "POST",
      ...(facts && { kind: facts.api, "server.address": facts.address, "server.port": facts.port }),
      ...given({ "http.response.status_code": status }),
      ...errorType(outcome === "ok" || outcome === "cancelled" ? "ok" : String(status ?? outcome)),
    });
    if (span_id !== undefined) http.spanId = span_id;
    http.startMs = sentMs;
    http.endMs = send.endMs;
    http.error = send.error;
    if (connect_ms !== undefined) http.events.push({ name: "connected", ms: sentMs + connect_ms });
    if (headers_ms !== undefined) http.events.push({ name: "response headers", ms: sentMs + headers_ms });
    return http;
  }

  #span(name: string, kind: SpanData["kind"], parentSpanId: string | undefined, attributes: SpanAttributes): SpanData {
    return {
      name,
      kind,
      traceId: this.#traceId,
      spanId: newSpanId(),
      parentSpanId,
      isRemote: false,
      state: this.#trace.state ?? undefined,
      startMs: this.#startMs,
      endMs: this.#event.ts_ms,
      attributes,
      events: [],
      error: undefined,
    };
  }

  /** No later than the end: times are rounded one by one. */
  #at(ms: number): number {
    return Math.min(this.#startMs + ms, this.#event.ts_ms);
  }

  /** A client's own mistake, or that it left, is not the router's. */
  #fault(): string | undefined {
    const { outcome, status, error } = this.#event;
    if (outcome === "ok" || outcome === "client-gone") return undefined;
    if (status !== null && status >= 400 && status < 500) return undefined;
    return error ?? outcome;
  }
}

/** The attempt whose answer the client got; undefined when none gave one. */
function answeringOf({ attempts, response }: CompleteEvent): AttemptRecord | undefined {
  return attempts.findLast(({ outcome }) => outcome === "ok") ?? (response === null ? undefined : attempts.at(-1));
}

/** One that got no turn in the queue was not. */
function wasSent({ outcome, ms, queued_ms = 0, headers_ms, status }: AttemptRecord): boolean {
  if (headers_ms !== undefined || status !== undefined) return true;
  return outcome !== "busy" && (queued_ms === 0 || queued_ms < ms);
}

function errorType(outcome: string): SpanAttributes {
  return outcome === "ok" ? {} : { "error.type": outcome };
}

/** Those that have a value. */
function given(attributes: Record<string, string | number | null | undefined>): SpanAttributes {
  const entries = Object.entries(attributes);
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, value]])),
  );
}
