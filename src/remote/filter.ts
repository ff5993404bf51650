import type { ExchangeRow } from "../api/exchanges.ts";
import { globs } from "../core/glob.ts";
import type { CompleteEvent, RouterEvent } from "../record/events.ts";

/** What of an exchange is filtered by; as lists have it, or as much of it as is known so far. */
export type Filterable = Partial<
  Pick<
    ExchangeRow,
    | "id"
    | "client"
    | "agent"
    | "key"
    | "session"
    | "requested_model"
    | "sent_model"
    | "provider"
    | "rule"
    | "tags"
    | "response_tags"
    | "outcome"
    | "status"
    | "error"
    | "preview"
    | "plugins"
    | "attempts"
  > & {
    /** Providers that were asked, the last one perhaps not among them. */
    tried: readonly string[];
  }
>;

/** Of `watch`, `replay` and the terminal UI. The dashboard's mean the same; `status` is another word for `outcome`. */
export const FILTER_NAMES = [
  "provider",
  "model",
  "tag",
  "agent",
  "key",
  "client",
  "rule",
  "plugin",
  "session",
  "outcome",
  "status",
] as const;
type FilterName = (typeof FILTER_NAMES)[number];

/** Tells whether an exchange is wanted. What is not known of it yet does not match. */
export type Filter = (exchange: Filterable) => boolean;

/**
 * What `provider:claude status:error fix "the clock"` asks for. Words are looked for anywhere, in any case, and all must be
 * there. `name:value` looks at one thing, where `*` stands for any characters; of several values of one name one will do. A
 * name without a value (it may still be typed) asks for nothing. An empty filter wants everything.
 */
export function parseFilter(text: string): Filter {
  const words: string[] = [];
  const asked = new Map<FilterName, string[]>();
  for (const term of termsOf(text)) {
    const [, head, value = ""] = /^([a-z]+):(.*)$/is.exec(term) ?? [];
    const name = FILTER_NAMES.find((known) => known === head?.toLowerCase());
    if (name === undefined) words.push(term.toLowerCase());
    else if (value !== "") asked.set(name, [...(asked.get(name) ?? []), value]);
  }
  const tests = [...asked].map(([name, values]) => testOf(name, values));
  return (exchange) => tests.every((test) => test(exchange)) && hasWords(exchange, words);
}

/** The exchange after one more event of it. */
export function filterableAfter(before: Filterable, event: RouterEvent): Filterable {
  switch (event.type) {
    case "start": {
      const { id, model: requested_model, client, agent, key, session, preview } = event;
      return { ...before, id, requested_model, client, agent, key, session, preview };
    }
    case "classified":
      return { ...before, tags: event.tags };
    case "routed":
      return { ...before, provider: event.provider, sent_model: event.model, rule: chosenRule(event.decision) };
    case "attempt": {
      const { next, provider, attempt } = event;
      const known = { ...before, tried: [...(before.tried ?? []), provider] };
      return next ? { ...known, provider: next.provider, sent_model: next.model, attempts: attempt + 1 } : known;
    }
    case "complete":
      return { ...before, ...ofComplete(event) };
    default:
      return before;
  }
}

/** The label of the rule that decided, where one did. */
export function chosenRule(decision: CompleteEvent["decision"]): string | null {
  const label = decision.find(({ outcome }) => outcome === "chosen")?.["label"];
  return typeof label === "string" ? label : null;
}

/** Something went wrong; that a client left is not of the router's doing. */
export function isFailure(outcome: string | null): boolean {
  return outcome !== null && outcome !== "ok" && outcome !== "client-gone";
}

function ofComplete(event: CompleteEvent): Filterable {
  const { id, client, agent, key, session, requested_model, sent_model, provider } = event;
  const { tags, plugins, outcome, status, error } = event;
  const known = {
    id,
    client,
    agent,
    key,
    session,
    requested_model,
    sent_model,
    provider,
    tags,
    plugins,
    outcome,
    status,
    error,
    attempts: event.attempts.length,
    tried: event.attempts.map((attempt) => attempt.provider),
  };
  return { ...known, rule: chosenRule(event.decision), response_tags: event.response?.tags ?? [] };
}

/** Cut at blanks; what stands in quotes is one. */
function termsOf(text: string): string[] {
  return [...text.matchAll(/(?:"[^"]*"?|[^\s"])+/g)]
    .map(([term]) => term.replaceAll('"', ""))
    .filter((term) => term !== "");
}

function testOf(name: FilterName, values: readonly string[]): Filter {
  const isWanted = globs(values);
  return (exchange) => valuesOf(exchange, name).some((value) => typeof value === "string" && isWanted(value));
}

function valuesOf(exchange: Filterable, name: FilterName): readonly (string | null | undefined)[] {
  switch (name) {
    case "provider":
      return [exchange.provider, ...(exchange.tried ?? [])];
    case "plugin":
      return exchange.plugins ?? [];
    case "model":
      return [exchange.requested_model, exchange.sent_model];
    case "tag":
      return [...(exchange.tags ?? []), ...(exchange.response_tags ?? [])];
    case "outcome":
    case "status": {
      const { outcome = "running", status, attempts = 0 } = exchange;
      const isError = outcome !== "running" && isFailure(outcome);
      const http = status == null ? null : String(status);
      return [outcome, isError ? "error" : null, attempts > 1 ? "failover" : null, http];
    }
    default:
      return [exchange[name]];
  }
}

function hasWords(exchange: Filterable, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const { id, preview, requested_model, sent_model, provider, session, agent, client, error, outcome } = exchange;
  const parts = [preview, requested_model, sent_model, provider, session, agent, client, error, outcome, id];
  const text = [...parts, ...(exchange.tags ?? []), ...(exchange.response_tags ?? [])].join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}
