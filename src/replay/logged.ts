import { hash } from "node:crypto";
import type { ExchangeRow } from "../api/exchanges.ts";
import { asArray, asObject, asString, type JsonObject, objectsOf } from "../core/json.ts";
import type { Loss } from "../core/loss.ts";
import { reportedUsage, type Usage } from "../core/usage.ts";
import type { Place } from "./redecide/recorded-facts.ts";

/** Whether the decision was made under a config with this digest; undefined: the record does not say. */
export function isUnder(digest: string, record: JsonObject): boolean | undefined {
  const config = asString(asObject(record["routing"])?.["config"]);
  return config === undefined ? undefined : config === digest;
}

/** Where the request was sent first; undefined: refused; `nothing`: rules had no say. */
export function decidedIn(
  record: JsonObject,
  { provider, outcome, sent_model }: ExchangeRow,
): Place | undefined | "nothing" {
  if (provider === "plugin") return "nothing";
  const [first] = objectsOf(record["attempts"]);
  const asked = placeOf(asString(first?.["provider"]), asString(first?.["model"]));
  if (asked) return asked;
  if (provider !== null) return placeOf(provider, sent_model) ?? "nothing";
  return REFUSALS.has(outcome) ? undefined : "nothing";
}

/** Errors of the router that say where a request may go. */
const REFUSALS = new Set(["no_provider", "not_translatable"]);

export function placeOf(provider: string | null | undefined, model: string | null | undefined): Place | undefined {
  return provider && model ? { provider, model } : undefined;
}

/** Of a first message and a system prompt so much tells conversations apart. */
const HEAD_CHARS = 2_000;

/** As the router named it; else by what names are made of (src/conversation/conversation-key.ts), as far as it is logged. */
export function conversationIn(record: JsonObject, { session }: ExchangeRow): string | undefined {
  const named = asString(asObject(record["routing"])?.["conversation"]);
  if (named !== undefined) return named;
  const first = objectsOf(record["messages"]).find(({ role }) => role === "user");
  const begin = JSON.stringify(objectsOf(first?.["content"]).map(({ text }) => asString(text)?.slice(0, HEAD_CHARS)));
  if (session !== null) return hash("sha1", `${session}\n${begin}`);
  const system = asString(record["system"])?.slice(0, HEAD_CHARS) ?? "";
  return begin === "[]" || begin === "[null]" ? undefined : hash("sha1", `${begin}\n${system}`);
}

export function lossesIn(record: JsonObject): Loss[] {
  return objectsOf(asArray(record["losses"])).flatMap(({ field, treatment, class: kind }) => {
    const isClass = kind === "silent" || kind === "report" || kind === "reject";
    return typeof field === "string" && typeof treatment === "string" && isClass
      ? [{ field, treatment, class: kind }]
      : [];
  });
}

/** As it was logged. How long a cache was written for is not. */
export function usageOf(logged: NonNullable<ExchangeRow["usage"]>): Usage {
  const { input_tokens, output_tokens, cached_read_tokens, cache_write_tokens, reasoning_tokens, reported } = logged;
  const usage = reportedUsage({
    input: input_tokens,
    output: output_tokens,
    cachedRead: cached_read_tokens,
    cacheWrite: cache_write_tokens,
    reasoning: reasoning_tokens,
  });
  return { ...usage, reported };
}
