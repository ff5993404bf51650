import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FAILURES, type FailureKind, kindOfError, kindOfStatus, refusesState } from "./failure.ts";

test("what a status means", () => {
  const kinds: [number, FailureKind][] = [
    [200, "target"],
    [302, "target"],
    [400, "caller"],
    [401, "credential"],
    [402, "quota"],
    [403, "credential"],
    [404, "not-found"],
    [408, "timeout"],
    [413, "caller"],
    [422, "caller"],
    [429, "rate-limit"],
    [500, "target"],
    [502, "target"],
    [503, "overloaded"],
    [504, "timeout"],
    [529, "overloaded"],
  ];
  for (const [status, kind] of kinds) assert.equal(kindOfStatus(status), kind, String(status));
});

test("every status and message has a kind with a rule", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 999 }),
      fc.option(fc.string(), { nil: undefined }),
      fc.string(),
      (status, code, text) => {
        assert.ok(FAILURES[kindOfError(status, code, text)]);
      },
    ),
  );
});

test("an overflow of the context window is known by the words of each provider", () => {
  const words = [
    "prompt is too long: 210000 tokens > 200000 maximum",
    "Your input exceeds the context window of this model",
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)",
    "This model's maximum prompt length is 131072 but the request contains 140000 tokens",
    "Please reduce the length of the messages or completion",
    "This endpoint's maximum context length is 32768 tokens",
    "request (9000 tokens) exceeds the available context size (8192 tokens)",
    "the input length is greater than the context length",
    "Prompt is too large for model with 32768 maximum context length",
    "Your request exceeded model token limit: 131072",
    "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
    "the input length exceeds the context length",
  ];
  for (const message of words) assert.equal(kindOfError(400, undefined, message), "context", message);
  assert.equal(kindOfError(400, "context_length_exceeded", ""), "context");
  assert.equal(kindOfError(413, undefined, words[0] ?? ""), "context");
});

test("other errors that mention context or prompts are not overflows", () => {
  for (const message of ["prompt is required", "context must be a list", "max_tokens is too large"])
    assert.equal(kindOfError(400, undefined, message), "caller", message);
  assert.equal(kindOfError(500, undefined, "prompt is too long"), "target");
});

test("an empty account is a quota, however it is said: asking again does not help", () => {
  assert.equal(kindOfError(429, "insufficient_quota", "You exceeded your current quota"), "quota");
  assert.equal(kindOfError(429, "credit_balance_exhausted", ""), "quota");
  assert.equal(kindOfError(402, undefined, ""), "quota");
  assert.equal(kindOfError(400, "invalid_request_error", "Your credit balance is too low to access the API"), "quota");
});

test("nothing that is the caller's own fault is tried again or counted against the target", () => {
  for (const kind of ["caller", "context", "client-gone"] as const) {
    const { retryHere, nextTarget, penalty } = FAILURES[kind];
    assert.deepEqual([retryHere, nextTarget, penalty], [false, false, false], kind);
  }
  // The client would think its own key is bad.
  assert.equal(FAILURES.credential.status, 502);
});

test("which errors are about reasoning state", () => {
  const about = (message: string, code?: string) =>
    refusesState({ kind: "caller", message, ...(code !== undefined && { code }) });
  for (const message of [
    "messages.1.content.0: Invalid `signature` in `thinking` block",
    "messages.3.content.0.thinking.signature: Field required",
    "messages.5.content.1: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified.",
    "Function call is missing a thought_signature in functionCall parts.",
    "Corrupted thought signature.",
    "The encrypted content for item rs_1 could not be verified. Reason: Encrypted content could not be decrypted or parsed.",
  ])
    assert.ok(about(message), message);
  assert.ok(about("anything", "invalid_encrypted_content"));
  for (const message of ["max_tokens: must be greater than thinking.budget_tokens", "Invalid API key", "bad"])
    assert.ok(!about(message), message);
  assert.ok(!refusesState({ kind: "target", message: "Invalid signature" }));
});
