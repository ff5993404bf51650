import type { RouterErrorCode } from "../../core/errors.ts";
import { type Failure, type FailureKind, kindOfError } from "../../core/failure.ts";
import { asObject, asString, type Json, type JsonObject } from "../../core/json.ts";
import { excerpt } from "../bytes/excerpt.ts";
import type { WireError } from "../format.ts";

const KIND_OF_TYPE: ReadonlyMap<string, FailureKind> = new Map([
  ["authentication_error", "credential"],
  ["permission_error", "credential"],
  ["billing_error", "quota"],
  ["not_found_error", "not-found"],
  ["rate_limit_error", "rate-limit"],
  ["overloaded_error", "overloaded"],
  ["timeout_error", "timeout"],
  ["api_error", "target"],
]);

/** `error.details.error_code`s and texts that mean no money, whatever the status says. */
const NO_MONEY = /organization_on_hold|enforced_spend_limit_reached|ramp_limit_exceeded|credit balance is too low/;

/** An error body, or the data of an `error` event; `status` is 0 in a stream. Also takes OpenAI's shape, which some servers send. */
export function readFailure(status: number, body: Json | undefined, text: string): Failure {
  const outer = asObject(body);
  const error = asObject(outer?.["error"]) ?? outer;
  const type = asString(error?.["type"]) ?? asString(error?.["code"]);
  const message = asString(error?.["message"]) ?? asString(outer?.["error"]) ?? excerpt(status, text);
  const detail = asString(asObject(error?.["details"])?.["error_code"]);
  const code = detail ?? (type === "error" ? undefined : type);
  const failure: Failure = { kind: kindOf(status, type, detail, message), message };
  if (status > 0) failure.upstreamStatus = status;
  if (code !== undefined) failure.code = code;
  return failure;
}

function kindOf(status: number, type: string | undefined, detail: string | undefined, message: string): FailureKind {
  if (NO_MONEY.test(`${detail ?? ""} ${message}`)) return "quota";
  const named = KIND_OF_TYPE.get(type ?? "");
  if (type === "invalid_request_error" || type === "request_too_large") return kindOfError(400, type, message);
  if (named && (status < 400 || status === 500)) return named;
  return status === 0 ? (named ?? "target") : kindOfError(status, type, message);
}

const OWN_TYPES: Partial<Record<RouterErrorCode, string>> = {
  bad_request: "invalid_request_error",
  not_translatable: "invalid_request_error",
  previous_response_not_found: "invalid_request_error",
  bad_key: "authentication_error",
  not_found: "not_found_error",
  body_too_large: "request_too_large",
  foreign_page: "permission_error",
};

const FAILURE_TYPES: Readonly<Record<FailureKind, string>> = {
  caller: "invalid_request_error",
  context: "invalid_request_error",
  credential: "api_error",
  quota: "billing_error",
  "not-found": "not_found_error",
  "rate-limit": "rate_limit_error",
  busy: "rate_limit_error",
  overloaded: "overloaded_error",
  target: "api_error",
  connect: "api_error",
  tls: "api_error",
  timeout: "timeout_error",
  malformed: "api_error",
  cut: "api_error",
  "client-gone": "api_error",
};

const TYPE_OF_STATUS: ReadonlyMap<number, string> = new Map([
  [409, "conflict_error"],
  [413, "request_too_large"],
  [429, "rate_limit_error"],
  [503, "overloaded_error"],
  [504, "timeout_error"],
  [529, "overloaded_error"],
]);

/** An error in Anthropic's shape. */
export function writeError(error: WireError): JsonObject {
  const body: JsonObject = { type: typeOf(error), message: messageOf(error) };
  // The official SDK keeps conversations at the provider in `thread`s; this code makes it send the whole history instead.
  if (error.own && error.param === "thread")
    body["details"] = { error_code: "thread_unsupported_request", unsupported: [] };
  return { type: "error", error: body };
}

function typeOf({ code, own, status }: WireError): string {
  if (code === "caller") return TYPE_OF_STATUS.get(status) ?? FAILURE_TYPES[code];
  if (!own && isFailureKind(code)) return FAILURE_TYPES[code];
  const type = isFailureKind(code) ? undefined : OWN_TYPES[code];
  return type ?? TYPE_OF_STATUS.get(status) ?? "router_error";
}

function isFailureKind(code: WireError["code"]): code is FailureKind {
  return Object.hasOwn(FAILURE_TYPES, code);
}

/**
 * Claude Code makes room in its context only when it reads Anthropic's own words, and sends less of what was refused when it
 * finds the name of it behind `capability_rejected`.
 */
function messageOf({ code, own, message, param }: WireError): string {
  if (code === "not_translatable" && own && param !== undefined) return `${message} (capability_rejected: ${param})`;
  return code === "context" && !message.includes("prompt is too long") ? `prompt is too long: ${message}` : message;
}
