import type { Log, LogFields } from "../core/log.ts";
import type { AttemptEvent, CompleteEvent, RoutedEvent, RouterEvent, StartEvent } from "./events.ts";
import type { Sink } from "./recorder.ts";

/** Writes the steps of each request as debug lines. Nothing of them is content: no text, no message a provider wrote. */
export class DebugSink implements Sink {
  readonly active = true;
  readonly completeOnly = false;
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  take(event: RouterEvent): void {
    const line = lineOf(event);
    if (line) this.#log("debug", ...line);
  }
}

/** What has a line of its own (providers, config, log) has none here. */
function lineOf(event: RouterEvent): [message: string, fields: LogFields] | undefined {
  switch (event.type) {
    case "start":
      return ["request received", received(event)];
    case "classified":
      return ["request classified", { request_id: event.id, tags: event.tags.join(",") }];
    case "routed":
      return ["request routed", routed(event)];
    case "attempt":
      return [event.outcome === "ok" ? "attempt answered" : "attempt failed", attempted(event)];
    case "warning":
      return ["request warned of", { request_id: event.id, warning: event.warning }];
    case "complete":
      return ["request answered", answered(event)];
    default:
      return undefined;
  }
}

function received({ id, client, agent, key, model, stream, in_flight }: StartEvent): LogFields {
  return { request_id: id, client, agent: short(agent), key, model: short(model), stream, in_flight };
}

function routed({ id, provider, model, decision }: RoutedEvent): LogFields {
  const label = decision.find(({ outcome }) => outcome === "chosen")?.["label"];
  return { request_id: id, provider, model: short(model), rule: typeof label === "string" ? label : null };
}

function attempted({ id, attempt, provider, model, outcome, status, ms, next }: AttemptEvent): LogFields {
  const to = next && `${next.provider} ${next.model}`;
  return {
    request_id: id,
    attempt,
    provider,
    model: short(model),
    outcome,
    status: status ?? null,
    ms: Math.round(ms),
    next: short(to),
  };
}

function answered(event: CompleteEvent): LogFields {
  const { id, client, provider, sent_model, outcome, status, duration_ms, time_to_first_token_ms, usage } = event;
  return {
    request_id: id,
    client,
    provider,
    model: short(sent_model),
    outcome,
    status,
    ms: Math.round(duration_ms),
    first_token_ms: time_to_first_token_ms === null ? null : Math.round(time_to_first_token_ms),
    input_tokens: usage?.input_tokens ?? null,
    output_tokens: usage?.output_tokens ?? null,
    attempts: event.attempts.length,
    losses: event.losses.length,
    warnings: event.warnings.length,
  };
}

/** Names come from clients, as long as they like. */
const MAX_CHARS = 200;

function short(name: string | null): string | null {
  return name !== null && name.length > MAX_CHARS ? `${name.slice(0, MAX_CHARS)}…` : name;
}
