import { type Failure, type FailureKind, kindOfError } from "../../../core/failure.ts";
import { asNumber, asString, isObject, type Json, type JsonObject } from "../../../core/json.ts";
import type { WireError } from "../../format.ts";

const EXCERPT_CHARS = 500;

/** Errors inside a 200 have no status: what their code or type stands for. */
const STATUS_OF_CODE: ReadonlyMap<string, number> = new Map([
  ["invalid_request_error", 400],
  ["context_length_exceeded", 400],
  ["BadRequestError", 400],
  ["invalid_api_key", 401],
  ["authentication_error", 401],
  ["permission_error", 403],
  ["model_not_found", 404],
  ["not_found_error", 404],
  ["rate_limit_exceeded", 429],
  ["rate_limit_error", 429],
  ["slow_down", 429],
  ["insufficient_quota", 402],
  ["server_is_overloaded", 503],
  ["overloaded_error", 503],
  ["timeout_error", 504],
]);

/** An answer with an error status. */
export function readError(status: number, body: Json | undefined, text: string): Failure {
  const error = isObject(body) ? (errorIn(body) ?? body) : {};
  const message = messageOf(error) ?? (text.trim() || `the provider answered ${status}`);
  const code = codeOf(error);
  return {
    kind: kindOfError(status, code, message),
    message: withoutKeys(message.slice(0, EXCERPT_CHARS * 4)),
    upstreamStatus: status,
    ...(code !== undefined && { code }),
  };
}

/** The error in a 200 body or in a frame of a stream, if it is one. */
export function failureIn(value: JsonObject, eventName: string): Failure | undefined {
  const error = errorIn(value) ?? (eventName === "error" ? value : undefined);
  if (!error) return undefined;
  const code = codeOf(error);
  const message = messageOf(error) ?? JSON.stringify(error).slice(0, EXCERPT_CHARS);
  const status = statusOf(error);
  return {
    kind: kindOfError(status ?? 500, code, message),
    message: withoutKeys(message),
    ...(status !== undefined && { upstreamStatus: status }),
    ...(code !== undefined && { code }),
  };
}

function errorIn(value: JsonObject): JsonObject | undefined {
  const { error } = value;
  if (typeof error === "string" && error !== "") return { message: error };
  if (isObject(error)) return error;
  return value["object"] === "error" ? value : undefined; // vLLM
}

/** `message`; `detail` of FastAPI servers, a text or a list of complaints. */
function messageOf(error: JsonObject): string | undefined {
  const message = error["message"] ?? error["detail"];
  if (message === undefined || message === null || message === "") return undefined;
  return typeof message === "string" ? message : JSON.stringify(message);
}

function codeOf(error: JsonObject): string | undefined {
  return asString(error["code"]) || asString(error["type"]) || undefined;
}

/** OpenRouter and vLLM write the status as `code`. */
function statusOf(error: JsonObject): number | undefined {
  const code = asNumber(error["code"]) ?? asNumber(error["status"]);
  if (code !== undefined && code >= 400 && code < 600) return code;
  return STATUS_OF_CODE.get(asString(error["code"]) ?? "") ?? STATUS_OF_CODE.get(asString(error["type"]) ?? "");
}

/** Some servers repeat the key they refuse. */
function withoutKeys(message: string): string {
  return message.replace(/\b((?:sk|gsk|xai|key|rk|pk)[-_])[\w-]{8,}/g, "$1…").replace(/(Bearer )\S{8,}/gi, "$1…");
}

type Spelling = { type: string; code?: string };
const SPELLING: Readonly<Partial<Record<FailureKind, Spelling>>> = {
  caller: { type: "invalid_request_error" },
  context: { type: "invalid_request_error", code: "context_length_exceeded" },
  "not-found": { type: "invalid_request_error", code: "model_not_found" },
  quota: { type: "insufficient_quota", code: "insufficient_quota" },
  "rate-limit": { type: "rate_limit_error", code: "rate_limit_exceeded" },
  overloaded: { type: "server_error", code: "server_is_overloaded" },
};

/** Codes clients act on are OpenAI's, whoever the provider was; for the rest its own word is the best there is. */
export function writeError(error: WireError): JsonObject {
  const spelling: Spelling = spellingOf(error);
  return {
    error: {
      message: error.message,
      type: error.own ? "router_error" : spelling.type,
      param: error.param ?? null,
      code: spelling.code ?? error.upstreamCode ?? error.code,
    },
  };
}

function spellingOf(error: WireError): Spelling {
  const known = new Map<string, Spelling>(Object.entries(SPELLING)).get(error.code);
  return known ?? { type: error.status < 500 ? "invalid_request_error" : "server_error" };
}
