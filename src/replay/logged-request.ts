import {
  asArray,
  asBoolean,
  asNumber,
  asObject,
  asString,
  isObject,
  type Json,
  type JsonObject,
} from "../core/json.ts";
import { DIALECTS, type Dialect } from "../core/part.ts";
import { type ChatRequest, emptyRequest, type Message, type Sampling } from "../core/request.ts";
import { type PartReading, readPart } from "./logged-part.ts";
import { type Missing, notRecorded } from "./missing.ts";

/** A request as far as its record has it. */
export interface LoggedRequest {
  readonly request: ChatRequest;
  readonly missing: readonly Missing[];
}

const ROLES: readonly Message["role"][] = ["system", "user", "assistant", "tool"];

/**
 * The request of a log line (`complete`, parsed), in the router's own words, and all that the line does not say of it. What is not
 * recorded is left out: texts are empty, media are absent. `tools` is always empty, since definitions are never recorded.
 */
export function loggedRequest(record: JsonObject): LoggedRequest {
  const missing: Missing[] = [];
  const note = (one: Missing) => void missing.push(one);
  const trace = asObject(record["trace"]);
  const parameters = trace && asBoolean(trace["sampled"]) === true ? asObject(trace["parameters"]) : undefined;
  if (!parameters) note(NO_PARAMETERS);
  note(NO_TOOLS);
  // Of very long lines no long value is read (store/index/long-lines.ts).
  if (!Array.isArray(record["messages"])) note(NO_MESSAGES);
  const session = asString(record["session"]);
  const request: ChatRequest = {
    ...emptyRequest(dialectOf(record["client"]), asString(record["requested_model"]) ?? ""),
    system: systemOf(record, note),
    messages: (asArray(record["messages"]) ?? []).flatMap((message, at) => messagesOf(message, at, note)),
    stream: asBoolean(record["stream"]) ?? false,
    ...(session !== undefined && { identity: { session } }),
    ...(parameters && parametersIn(parameters)),
  };
  return { request, missing };
}

const NO_TOOLS: Missing = {
  what: "tools",
  text: "definitions of tools are not recorded, nor whether there were any",
  essential: false,
};

const NO_MESSAGES: Missing = {
  what: "content",
  at: "messages",
  text: "there are none in the record, or more than can be read of one line",
  essential: true,
};

const NO_PARAMETERS: Missing = {
  what: "parameters",
  text: "temperature, token limit and other parameters are recorded only where traces are kept ([telemetry])",
  essential: false,
};

/** What was sent under a name that is no dialect came from a version that knew it; the text is what counts. */
function dialectOf(client: Json | undefined): Dialect {
  return DIALECTS.find((known) => known === client) ?? "openai";
}

function systemOf(record: JsonObject, note: (one: Missing) => void): ChatRequest["system"] {
  const text = asString(record["system"]);
  if (text !== undefined) return [{ type: "text", text }];
  const chars = asNumber(record["system_chars"]);
  if (chars !== undefined) note(notRecorded("system", chars));
  return [];
}

/** Results of tools stand in messages of their own, whatever role a client's API gave them. */
function messagesOf(message: Json, index: number, note: (one: Missing) => void): Message[] {
  if (!isObject(message)) return [];
  const role = ROLES.find((known) => known === message["role"]) ?? "user";
  const content = message["content"];
  const list = typeof content === "string" ? [{ type: "text", text: content }] : (asArray(content) ?? []);
  const parts = list.flatMap((part, at) => {
    const where = `messages[${index}].content[${at}]`;
    const { part: read, missing }: PartReading = isObject(part) ? readPart(part, where) : {};
    if (missing) note(missing);
    return read ?? [];
  });
  if (role === "tool") return [{ role, parts }];
  const results = parts.filter(({ type }) => type === "tool-result");
  if (results.length === 0) return [{ role, parts }];
  const others = parts.filter(({ type }) => type !== "tool-result");
  return [{ role: "tool", parts: results }, ...(others.length > 0 ? [{ role, parts: others }] : [])];
}

/** Under the names they are recorded by: see `record/telemetry/logged-trace.ts`. */
function parametersIn(recorded: JsonObject): Pick<ChatRequest, "sampling" | "maxOutputTokens"> {
  const number = (name: string) => asNumber(recorded[name]);
  const numbers: [keyof Sampling, number | undefined][] = [
    ["temperature", number("temperature")],
    ["topP", number("top_p")],
    ["topK", number("top_k")],
    ["frequencyPenalty", number("frequency_penalty")],
    ["presencePenalty", number("presence_penalty")],
    ["seed", number("seed")],
    ["n", number("choice.count")],
  ];
  const stop = (asArray(recorded["stop_sequences"]) ?? []).filter((text) => typeof text === "string");
  const sampling: Sampling = {
    ...Object.fromEntries(numbers.filter(([, value]) => value !== undefined)),
    ...(stop.length > 0 && { stop }),
  };
  const maxOutputTokens = number("max_tokens");
  return { sampling, ...(maxOutputTokens !== undefined && { maxOutputTokens }) };
}
