import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json } from "../../core/json.ts";
import type { WireError } from "../format.ts";
import { readFailure, writeError } from "./errors.ts";

function kind(status: number, type: string, message = "x", details?: Json): string {
  const body = { type: "error", error: { type, message, ...(details !== undefined && { details }) } };
  return readFailure(status, body, "").kind;
}

test("statuses and types of the API", () => {
  assert.equal(kind(400, "invalid_request_error"), "caller");
  assert.equal(kind(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"), "context");
  assert.equal(
    kind(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
    "quota",
  );
  assert.equal(kind(401, "authentication_error"), "credential");
  assert.equal(kind(402, "billing_error"), "quota");
  assert.equal(kind(403, "permission_error"), "credential");
  assert.equal(kind(403, "permission_error", "x", { error_code: "organization_on_hold" }), "quota");
  assert.equal(kind(404, "not_found_error"), "not-found");
  assert.equal(kind(413, "request_too_large"), "caller");
  assert.equal(kind(429, "rate_limit_error"), "rate-limit");
  assert.equal(kind(500, "api_error"), "target");
  assert.equal(kind(500, "overloaded_error"), "overloaded");
  assert.equal(kind(504, "timeout_error"), "timeout");
  assert.equal(kind(529, "overloaded_error"), "overloaded");
  assert.equal(kind(0, "overloaded_error"), "overloaded");
  assert.equal(kind(0, "something_new"), "target");
});

test("the message and code of other shapes, and an excerpt of what is not JSON", () => {
  assert.deepEqual(readFailure(429, { error: { message: "slow", code: "rate_limit_exceeded" } }, ""), {
    kind: "rate-limit",
    message: "slow",
    upstreamStatus: 429,
    code: "rate_limit_exceeded",
  });
  assert.equal(readFailure(500, { error: "broken" }, "").message, "broken");
  const page = "<html><head><title>502 Bad Gateway</title></head>\n<body>nginx</body></html>";
  assert.deepEqual(readFailure(502, undefined, page), {
    kind: "target",
    message: "status 502: 502 Bad Gateway nginx",
    upstreamStatus: 502,
  });
  assert.equal(readFailure(503, undefined, "").message, "status 503 without a body");
});

function typeOf(error: Omit<WireError, "message">): unknown {
  const body = writeError({ message: "m", ...error })["error"];
  return Object(body)["type"];
}

test("the router's own errors have Anthropic's type where one fits", () => {
  assert.equal(typeOf({ status: 400, code: "bad_request", own: true }), "invalid_request_error");
  assert.equal(typeOf({ status: 401, code: "bad_key", own: true }), "authentication_error");
  assert.equal(typeOf({ status: 404, code: "not_found", own: true }), "not_found_error");
  assert.equal(typeOf({ status: 413, code: "body_too_large", own: true }), "request_too_large");
  assert.equal(typeOf({ status: 400, code: "no_provider", own: true }), "router_error");
  assert.equal(typeOf({ status: 500, code: "plugin_failed", own: true }), "router_error");
});

test("a provider's failure has the type of its kind; our key's trouble is not the client's", () => {
  assert.equal(typeOf({ status: 503, code: "overloaded", own: false }), "overloaded_error");
  assert.equal(typeOf({ status: 429, code: "rate-limit", own: false }), "rate_limit_error");
  assert.equal(typeOf({ status: 502, code: "credential", own: false }), "api_error");
});

test("a full context is told in the words Claude Code looks for", () => {
  const error: WireError = {
    status: 400,
    code: "context",
    own: false,
    message: "maximum context length is 8192 tokens",
  };
  assert.deepEqual(writeError(error), {
    type: "error",
    error: { type: "invalid_request_error", message: "prompt is too long: maximum context length is 8192 tokens" },
  });
});

test("a thread is refused so that the SDK sends the whole history instead", () => {
  const error: WireError = { status: 400, code: "not_translatable", own: true, message: "m", param: "thread" };
  assert.match(
    JSON.stringify(writeError(error)),
    /"details":\{"error_code":"thread_unsupported_request","unsupported":\[\]\}/,
  );
});

test("statuses of the API have its types, and what the router refuses has a name Claude Code understands", () => {
  const typeOf = (error: Partial<WireError>) => {
    const body = writeError({ status: 400, code: "caller", own: false, message: "m", ...error });
    return JSON.parse(JSON.stringify(body)).error;
  };
  assert.equal(typeOf({ status: 413 }).type, "request_too_large");
  assert.equal(typeOf({ status: 409 }).type, "conflict_error");
  assert.equal(typeOf({ status: 422 }).type, "invalid_request_error");
  assert.equal(typeOf({ code: "foreign_page", own: true, status: 403 }).type, "permission_error");
  const refused = typeOf({ code: "not_translatable", own: true, param: "mcp_servers" });
  assert.deepEqual(refused, { type: "invalid_request_error", message: "m (capability_rejected: mcp_servers)" });
});
