import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { FailureKind } from "../../../core/failure.ts";
import type { JsonObject } from "../../../core/json.ts";
import { readError } from "./failure.ts";

function kindOf(code: number, status: string, more: JsonObject = {}): FailureKind {
  return readError(code, { error: { code, status, message: "m", ...more } }, "").kind;
}

test("status words and codes", () => {
  const rows: [number, string, FailureKind][] = [
    [400, "INVALID_ARGUMENT", "caller"],
    [400, "FAILED_PRECONDITION", "credential"],
    [401, "UNAUTHENTICATED", "credential"],
    [402, "FAILED_PRECONDITION", "quota"],
    [403, "PERMISSION_DENIED", "credential"],
    [404, "NOT_FOUND", "not-found"],
    [429, "RESOURCE_EXHAUSTED", "rate-limit"],
    [500, "INTERNAL", "target"],
    [503, "UNAVAILABLE", "overloaded"],
    [504, "DEADLINE_EXCEEDED", "timeout"],
    [529, "UNKNOWN", "overloaded"],
  ];
  for (const [code, status, kind] of rows) equal(kindOf(code, status), kind, `${code} ${status}`);
});

test("a wrong key comes as a bad request", () => {
  const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }];
  equal(kindOf(400, "INVALID_ARGUMENT", { details }), "credential");
});

test("a prompt too long is known by its words", () => {
  const message = "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).";
  equal(kindOf(400, "INVALID_ARGUMENT", { message }), "context");
});

test("how long to wait, and when waiting is no use", () => {
  const details = (quotaId: string) => [
    { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [{ quotaId }] },
    { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.4s" },
  ];
  const error = { code: 429, status: "RESOURCE_EXHAUSTED", message: "slow down" };
  deepEqual(readError(429, { error: { ...error, details: details("RequestsPerMinutePerProject") } }, ""), {
    kind: "rate-limit",
    message: "slow down",
    upstreamStatus: 429,
    code: "RESOURCE_EXHAUSTED",
    retryAfter: 34.4,
  });
  equal(kindOf(429, "RESOURCE_EXHAUSTED", { details: details("GenerateRequestsPerDayPerProject") }), "quota");
});

test("a list of one, a text, and pages of proxies", () => {
  const error = { code: 503, status: "UNAVAILABLE", message: "busy" };
  equal(readError(503, [{ error }], "").message, "busy");
  deepEqual(readError(502, undefined, "<html><b>Bad</b>\n gateway</html>"), {
    kind: "target",
    message: "status 502: Bad gateway",
    upstreamStatus: 502,
  });
  equal(readError(500, undefined, "").message, "status 500 without a body");
});
