import assert from "node:assert/strict";
import { test } from "node:test";
import type { FailureKind } from "../core/failure.ts";
import { failureOfOpenAIError, openAICodeOf, openAIErrorBody, readOpenAIError } from "./openai-error.ts";

test("an error the router made is a router_error with the router's code and the field at fault", () => {
  const body = openAIErrorBody({ status: 400, code: "bad_request", message: "no model", own: true, param: "model" });
  assert.deepEqual(body, {
    error: { message: "no model", type: "router_error", param: "model", code: "bad_request" },
  });
});

test("a provider's failure is told in OpenAI's words, and its own code survives where it is one of OpenAI's", () => {
  const of = (code: FailureKind, upstreamCode?: string) =>
    openAIErrorBody({ status: 1, code, message: "m", own: false, ...(upstreamCode && { upstreamCode }) })["error"];
  assert.deepEqual(of("rate-limit"), {
    message: "m",
    type: "rate_limit_error",
    param: null,
    code: "rate_limit_exceeded",
  });
  assert.deepEqual(of("rate-limit", "slow_down"), {
    message: "m",
    type: "rate_limit_error",
    param: null,
    code: "slow_down",
  });
  assert.deepEqual(of("overloaded", "overloaded_error"), {
    message: "m",
    type: "server_error",
    param: null,
    code: "server_is_overloaded",
  });
  // It was the router's key, not the client's.
  assert.deepEqual(of("credential", "invalid_api_key"), {
    message: "m",
    type: "api_error",
    param: null,
    code: "upstream_credential_refused",
  });
  assert.deepEqual(of("context", "invalid_request_error"), {
    message: "m",
    type: "invalid_request_error",
    param: null,
    code: "context_length_exceeded",
  });
});

test("what is written for a failure is read back as the same kind, where OpenAI has a word for it", () => {
  for (const kind of ["caller", "context", "quota", "rate-limit", "overloaded", "target"] satisfies FailureKind[])
    assert.equal(failureOfOpenAIError({ message: "m", code: openAICodeOf(kind) }).kind, kind);
});

test("a body is read for its status and its words", () => {
  const read = (status: number, error: Record<string, string | number>) => readOpenAIError(status, { error }, "").kind;
  assert.equal(read(429, { message: "slow", code: "rate_limit_exceeded" }), "rate-limit");
  assert.equal(read(429, { message: "pay", code: "insufficient_quota" }), "quota");
  assert.equal(read(400, { message: "x", type: "invalid_request_error", code: "context_length_exceeded" }), "context");
  assert.equal(
    read(400, { message: "maximum context length is 4096 tokens", type: "invalid_request_error" }),
    "context",
  );
  assert.equal(read(400, { message: "bad", type: "invalid_request_error" }), "caller");
  assert.equal(read(500, { message: "bad", type: "invalid_request_error" }), "target");
  assert.equal(read(401, { message: "no", code: "invalid_api_key" }), "credential");
});

test("ollama/ollama#14828: a page of HTML is an error with its status and its beginning, not a parse error", () => {
  assert.deepEqual(readOpenAIError(502, undefined, "<html>Bad Gateway</html>"), {
    kind: "target",
    message: "<html>Bad Gateway</html>",
    upstreamStatus: 502,
  });
  assert.equal(readOpenAIError(503, undefined, "").message, "the provider answered 503 without a message");
  assert.equal(readOpenAIError(400, { error: "plain text" }, "").message, "plain text");
  assert.equal(readOpenAIError(422, { detail: "no field" }, "").message, "no field");
});

test("an error inside a stream has no status: its code decides, a number in it is the status", () => {
  assert.equal(failureOfOpenAIError({ message: "x", code: "server_error" }).kind, "target");
  assert.equal(failureOfOpenAIError({ message: "x", code: 429 }).kind, "rate-limit");
  assert.equal(failureOfOpenAIError({ message: "x", code: "invalid_image_url" }).kind, "caller");
  assert.equal(failureOfOpenAIError({ message: "x", type: "overloaded_error" }).kind, "overloaded");
  assert.equal(failureOfOpenAIError({ message: "something new" }).kind, "target");
  assert.deepEqual(failureOfOpenAIError({ message: "Please try again in 1.5s.", code: "rate_limit_exceeded" }), {
    kind: "rate-limit",
    message: "Please try again in 1.5s.",
    code: "rate_limit_exceeded",
    retryAfter: 1.5,
  });
});
