import { type Failure, type FailureKind, kindOfError, sensibleWait } from "../core/failure.ts";
import { asNumber, asObject, asString, isObject, type Json, type JsonObject } from "../core/json.ts";
import type { WireError } from "./format.ts";

/** What OpenAI's own codes mean. They come in error bodies, in streams and in failed responses, mostly without a status. */
const KIND_OF_CODE: ReadonlyMap<string, FailureKind> = new Map([
  ["rate_limit_exceeded", "rate-limit"],
  ["rate_limit_error", "rate-limit"],
  ["slow_down", "rate-limit"],
  ["insufficient_quota", "quota"],
  ["credit_balance_exhausted", "quota"],
  ["billing_hard_limit_reached", "quota"],
  ["usage_not_included", "quota"],
  ["context_length_exceeded", "context"],
  ["server_is_overloaded", "overloaded"],
  ["overloaded_error", "overloaded"],
  ["server_error", "target"],
  ["internal_error", "target"],
  ["api_error", "target"],
  ["vector_store_timeout", "timeout"],
  ["invalid_api_key", "credential"],
  ["authentication_error", "credential"],
  ["model_not_found", "not-found"],
  ["invalid_prompt", "caller"],
  ["invalid_request_error", "caller"],
  ["bio_policy", "caller"],
  ["misalignment_policy_violation", "caller"],
  ["data_residency_mismatch", "caller"],
]);

interface OpenAIErrorName {
  type: string;
  code: string;
}

/** What OpenAI would have said for each kind. Statuses are in `FAILURES`; a credential refused upstream is ours to mend. */
const NAME_OF_KIND: Readonly<Record<FailureKind, OpenAIErrorName>> = {
  caller: { type: "invalid_request_error", code: "invalid_request_error" },
  context: { type: "invalid_request_error", code: "context_length_exceeded" },
  credential: { type: "api_error", code: "upstream_credential_refused" },
  quota: { type: "insufficient_quota", code: "insufficient_quota" },
  "not-found": { type: "invalid_request_error", code: "model_not_found" },
  "rate-limit": { type: "rate_limit_error", code: "rate_limit_exceeded" },
  busy: { type: "rate_limit_error", code: "rate_limit_exceeded" },
  overloaded: { type: "server_error", code: "server_is_overloaded" },
  target: { type: "server_error", code: "server_error" },
  connect: { type: "server_error", code: "server_error" },
  tls: { type: "server_error", code: "server_error" },
  timeout: { type: "server_error", code: "timeout" },
  malformed: { type: "server_error", code: "server_error" },
  cut: { type: "server_error", code: "server_error" },
  "client-gone": { type: "server_error", code: "client_closed_request" },
};

/** OpenAI's code for a failure: the provider's own when it is one of OpenAI's, for clients that act on it. */
export function openAICodeOf(kind: FailureKind, upstreamCode?: string): string {
  // The key a provider refused is the router's: `invalid_api_key` would send clients looking for theirs.
  if (kind === "credential") return NAME_OF_KIND[kind].code;
  // Names in `_error` are types, mostly of other APIs.
  if (upstreamCode !== undefined && !upstreamCode.endsWith("_error") && KIND_OF_CODE.get(upstreamCode) === kind)
    return upstreamCode;
  return NAME_OF_KIND[kind].code;
}

/** `{"error": {message, type, param, code}}`, as both of OpenAI's APIs answer it. */
export function openAIErrorBody(error: WireError): JsonObject {
  const { message, code } = error;
  const param = error.param ?? null;
  if (error.own || !isFailureKind(code))
    return { error: { message, type: "router_error", param, code: error.upstreamCode ?? code } };
  return { error: { message, type: NAME_OF_KIND[code].type, param, code: openAICodeOf(code, error.upstreamCode) } };
}

function isFailureKind(code: string): code is FailureKind {
  return Object.hasOwn(NAME_OF_KIND, code);
}

/** An error answer of an OpenAI-like server; `text` serves when the body is not JSON (a proxy's HTML page). */
export function readOpenAIError(status: number, body: Json | undefined, text: string): Failure {
  const error = isObject(body) ? body["error"] : undefined;
  if (isObject(error)) return failureOfOpenAIError(error, status);
  const message = asString(error) ?? messageOf(asObject(body)) ?? text.trim().slice(0, 500);
  return {
    kind: kindOfError(status, undefined, message),
    message: message === "" ? `the provider answered ${status} without a message` : message,
    upstreamStatus: status,
  };
}

function messageOf(body: JsonObject | undefined): string | undefined {
  return asString(body?.["message"]) ?? asString(body?.["detail"]);
}

/**
 * An `error` object, from a body or from inside a stream. Without a status the code decides, and what nobody knows is the
 * provider's own fault.
 */
export function failureOfOpenAIError(error: JsonObject, httpStatus?: number): Failure {
  const message = asString(error["message"]) ?? JSON.stringify(error).slice(0, 500);
  // OpenRouter and llama.cpp put the HTTP status into `code`.
  const status = httpStatus ?? asNumber(error["code"]);
  const name = asString(error["code"]) ?? asString(error["type"]);
  const failure: Failure = { kind: kindOf(error, status, message), message };
  if (status !== undefined) failure.upstreamStatus = status;
  if (name !== undefined) failure.code = name;
  const wait = /try again in (\d+(?:\.\d+)?)\s*(ms|s)\b/i.exec(message);
  const seconds = sensibleWait(Number(wait?.[1]) / (wait?.[2]?.toLowerCase() === "ms" ? 1000 : 1));
  if (seconds !== undefined) failure.retryAfter = seconds;
  return failure;
}

function kindOf(error: JsonObject, status: number | undefined, message: string): FailureKind {
  const code = asString(error["code"]);
  const type = asString(error["type"]);
  const byCode = code === undefined ? undefined : KIND_OF_CODE.get(code);
  if (byCode !== undefined && byCode !== "caller") return byCode;
  if (status !== undefined) return kindOfError(status, code ?? type, message);
  if (kindOfError(400, code ?? type, message) === "context") return "context";
  if (byCode !== undefined || code?.includes("image") === true) return "caller";
  return (type === undefined ? undefined : KIND_OF_CODE.get(type)) ?? "target";
}
