import assert from "node:assert/strict";
import { test } from "node:test";
import { ROUTER_ERRORS } from "../../core/errors.ts";
import { asObject, objectsOf } from "../../core/json.ts";
import { writeError } from "./write-error.ts";

test("a rate limit says how long to wait, where Gemini CLI looks for it", () => {
  const body = writeError({ status: 429, code: "rate-limit", message: "slow", own: false, retryAfter: 33.2 });
  assert.deepEqual(body, {
    error: {
      code: 429,
      message: "slow",
      status: "RESOURCE_EXHAUSTED",
      details: [
        { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "RATE_LIMIT", domain: "provider" },
        { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34s" },
      ],
    },
  });
});

test("the router's own errors name the field and their code", () => {
  const error = asObject(
    writeError({ status: 400, code: "bad_request", message: "no", own: true, param: "contents" })["error"],
  );
  const [info, request] = objectsOf(error?.["details"]);
  assert.deepEqual([info?.["reason"], info?.["domain"]], ["BAD_REQUEST", "opensourcellmrouter"]);
  assert.deepEqual(request?.["fieldViolations"], [{ field: "contents", description: "no" }]);
});

test("every status has a canonical name", () => {
  for (const { status } of Object.values(ROUTER_ERRORS)) {
    const error = asObject(writeError({ status, code: "target", message: "x", own: false })["error"]);
    assert.match(String(error?.["status"]), /^[A-Z_]+$/);
    assert.equal(error?.["code"], status);
  }
});
