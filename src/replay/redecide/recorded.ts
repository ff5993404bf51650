import { asNumber, asObject, asString, type JsonObject, objectsOf } from "../../core/json.ts";
import { tokenCount } from "../../core/usage.ts";
import type { CompleteEvent, LoggedRouting } from "../../record/events.ts";
import type { Need } from "../../routing/rule.ts";

/** Of a `complete` event, as far as a decision goes. Older records have no `routing`. */
export interface Recorded {
  readonly id: string;
  readonly requestedModel: string;
  readonly tags: ReadonlySet<string>;
  readonly dialect: string;
  readonly agent: string | undefined;
  /** Null: it came without; undefined: not recorded. */
  readonly key: string | null | undefined;
  readonly session: string | undefined;
  readonly stream: boolean;
  /** ms since 1970, to a millisecond or so. */
  readonly startedMs: number;
  /** As its provider said; undefined: nobody knows. */
  readonly usage: { input: number; output: number } | undefined;
  readonly needs: readonly Need[];
  readonly routing: LoggedRouting | undefined;
}

/** `record`: a line of the log. What is no such line gives a request of which nothing is known. */
export function recordedIn(record: JsonObject): Recorded {
  const routing = routingIn(record);
  const usage = asObject(record["usage"]);
  const input = tokenCount(usage?.["input_tokens"]);
  return {
    id: asString(record["id"]) ?? "",
    requestedModel: asString(record["requested_model"]) ?? "",
    tags: new Set(textsOf(record["tags"])),
    dialect: asString(record["client"]) ?? "openai",
    agent: asString(record["agent"]),
    key: record["key"] === null ? null : asString(record["key"]),
    session: asString(record["session"]),
    stream: record["stream"] === true,
    startedMs: (asNumber(record["ts_ms"]) ?? 0) - (asNumber(record["duration_ms"]) ?? 0),
    usage: input === undefined ? undefined : { input, output: tokenCount(usage?.["output_tokens"]) ?? 0 },
    needs: routing ? needsIn(routing) : needsSeenIn(record),
    routing,
  };
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

/** What the router wrote is taken at its word: its types are those of the event. */
function routingIn(record: JsonObject): LoggedRouting | undefined {
  const routing = asObject(record["routing"]);
  const isOne = typeof routing?.["seed"] === "number" && typeof routing["config"] === "string";
  return isOne ? (record as unknown as CompleteEvent).routing : undefined;
}

function needsIn({ needs = [] }: LoggedRouting): Need[] {
  return needs.filter((need) => need === "vision" || need === "tools");
}

/** Tools that were declared and never called are not on older records. */
function needsSeenIn(record: JsonObject): Need[] {
  const parts = objectsOf(record["messages"]).flatMap(({ content }) => objectsOf(content));
  const has = (type: string) => parts.some((part) => part["type"] === type);
  const calls = objectsOf(asObject(record["response"])?.["tool_calls"]);
  const tools = has("tool_use") || has("tool_result") || calls.length > 0;
  return [...(has("image") ? ["vision" as const] : []), ...(tools ? ["tools" as const] : [])];
}
