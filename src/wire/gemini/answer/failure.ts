import { type Failure, type FailureKind, kindOfError, sensibleWait } from "../../../core/failure.ts";
import { asNumber, asObject, asString, type Json, type JsonObject, objectsOf } from "../../../core/json.ts";
import { excerpt } from "../../bytes/excerpt.ts";

/** What Google's status words mean, where they say more than the HTTP status. */
const KIND_OF_STATUS: ReadonlyMap<string, FailureKind> = new Map([
  ["UNAUTHENTICATED", "credential"],
  ["PERMISSION_DENIED", "credential"],
  // The account may not use the API like this (its country, no billing): nothing the caller could mend.
  ["FAILED_PRECONDITION", "credential"],
  ["NOT_FOUND", "not-found"],
  ["RESOURCE_EXHAUSTED", "rate-limit"],
  ["UNAVAILABLE", "overloaded"],
  ["DEADLINE_EXCEEDED", "timeout"],
  ["INTERNAL", "target"],
  ["CANCELLED", "target"],
]);

/** An error answer. Without `alt=sse` a stream's error comes as a list of one. */
export function readError(status: number, body: Json | undefined, text: string): Failure {
  const outer = asObject(Array.isArray(body) ? body[0] : body);
  const error = asObject(outer?.["error"]);
  if (error) return failureOfError(error, status);
  const message = asString(outer?.["error"]) ?? asString(outer?.["message"]) ?? excerpt(status, text);
  return { kind: kindOfError(status, undefined, message), message, upstreamStatus: status };
}

/** An `error` object, from a body or from inside a stream, where its `code` is all there is of a status. */
export function failureOfError(error: JsonObject, httpStatus?: number): Failure {
  const message = asString(error["message"]) ?? JSON.stringify(error).slice(0, 300);
  const status = httpStatus ?? asNumber(error["code"]);
  const word = asString(error["status"]);
  const failure: Failure = { kind: kindOf(error, status, word, message), message };
  if (status !== undefined) failure.upstreamStatus = status;
  if (word !== undefined) failure.code = word;
  const retryAfter = retryDelay(error);
  if (retryAfter !== undefined) failure.retryAfter = retryAfter;
  return failure;
}

function kindOf(error: JsonObject, status: number | undefined, word: string | undefined, message: string): FailureKind {
  const details = objectsOf(error["details"]);
  if (details.some((detail) => detail["reason"] === "API_KEY_INVALID")) return "credential";
  if (status === 402 || isSpent(details)) return "quota";
  const byWord = word === undefined ? undefined : KIND_OF_STATUS.get(word);
  if (byWord) return byWord;
  return status === undefined ? "target" : kindOfError(status, word, message);
}

/** A quota counted by the day is not worth waiting for. */
function isSpent(details: readonly JsonObject[]): boolean {
  const violations = details.flatMap((detail) => objectsOf(detail["violations"]));
  return violations.some((violation) => asString(violation["quotaId"])?.includes("PerDay") === true);
}

/** `google.rpc.RetryInfo` says it as `"34.4s"`. */
function retryDelay(error: JsonObject): number | undefined {
  for (const detail of objectsOf(error["details"])) {
    const seconds = sensibleWait(Number.parseFloat(asString(detail["retryDelay"]) ?? ""));
    if (seconds !== undefined) return seconds;
  }
  return undefined;
}
