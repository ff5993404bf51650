import assert from "node:assert/strict";
import { test } from "node:test";
import { Losses } from "../../../core/loss.ts";
import type { Dialect } from "../../../core/part.ts";
import { type ChatRequest, EFFORTS, emptyRequest, type Message, type Reasoning } from "../../../core/request.ts";
import { anthropicSupport } from "../support.ts";
import { writeRequest } from "./write-request.ts";

function write(reasoning: Reasoning, model: string, dialect: Dialect = "openai", fields: Partial<ChatRequest> = {}) {
  const losses = new Losses(anthropicSupport);
  const messages: Message[] = [{ role: "user", parts: [{ type: "text", text: "hi" }] }];
  const request = { ...emptyRequest(dialect, "asked"), messages, reasoning, ...fields };
  const body = writeRequest(request, { model, quirks: {} }, losses);
  return {
    thinking: body["thinking"],
    config: body["output_config"],
    losses: losses.list.map((loss) => `${loss.field}: ${loss.treatment}`),
  };
}

const ADAPTIVE = { type: "adaptive" };

test("each effort on a model with adaptive thinking", () => {
  const written = EFFORTS.map((effort) => {
    const { thinking, config } = write({ effort }, "claude-opus-4-6");
    return [effort, thinking, config];
  });
  assert.deepEqual(written, [
    ["none", { type: "disabled" }, undefined],
    ["minimal", ADAPTIVE, { effort: "low" }],
    ["low", ADAPTIVE, { effort: "low" }],
    ["medium", ADAPTIVE, { effort: "medium" }],
    ["high", ADAPTIVE, { effort: "high" }],
    ["xhigh", ADAPTIVE, { effort: "max" }],
    ["max", ADAPTIVE, { effort: "max" }],
  ]);
  assert.deepEqual(write({ effort: "xhigh" }, "claude-opus-4-6").losses, ["reasoning_effort: xhigh->max"]);
  assert.deepEqual(write({ effort: "xhigh" }, "claude-opus-4-7"), {
    thinking: ADAPTIVE,
    config: { effort: "xhigh" },
    losses: [],
  });
});

test("each effort on a model with a thinking budget: a share of the output limit, at least 1024, less than the limit", () => {
  const budgets = EFFORTS.map((effort) => write({ effort }, "claude-haiku-4-5", "openai", { maxOutputTokens: 10_000 }));
  assert.deepEqual(
    budgets.map(({ thinking }) => JSON.stringify(thinking)),
    [
      '{"type":"disabled"}',
      ...[1024, 1024, 3000, 6000, 9000, 9500].map((budget) => `{"type":"enabled","budget_tokens":${budget}}`),
    ],
  );
  assert.deepEqual(write({ effort: "high" }, "claude-haiku-4-5", "openai", { maxOutputTokens: 1000 }), {
    thinking: { type: "enabled", budget_tokens: 1024 },
    config: undefined,
    losses: ["max_output_tokens: 1000->2024: thinking comes on top"],
  });
  const named = write({ mode: "on", budgetTokens: 2000 }, "claude-haiku-4-5", "anthropic", { maxOutputTokens: 1000 });
  assert.deepEqual(named.losses, ["reasoning: off: an output limit of 1000 leaves no room for thinking"]);
});

test("a budget above max_tokens is clamped (Qwen Code sends 32000 of 8000)", () => {
  assert.deepEqual(
    write({ mode: "on", budgetTokens: 32_000 }, "claude-sonnet-4-5", "anthropic", { maxOutputTokens: 8000 }),
    {
      thinking: { type: "enabled", budget_tokens: 7999 },
      config: undefined,
      losses: ["thinking.budget_tokens: clamped(32000->7999)"],
    },
  );
});

test("a budget on a model that takes none is an effort", () => {
  assert.deepEqual(write({ mode: "on", budgetTokens: 9000, display: "summarized" }, "claude-opus-5-5", "anthropic"), {
    thinking: { type: "adaptive", display: "summarized" },
    config: { effort: "high" },
    losses: ["thinking.budget_tokens: enabled->adaptive: the model takes no budget"],
  });
});

test("adaptive thinking on a model that only knows budgets, or none at all", () => {
  assert.deepEqual(write({ mode: "adaptive" }, "claude-sonnet-4-5", "anthropic", { maxOutputTokens: 10_000 }), {
    thinking: { type: "enabled", budget_tokens: 3000 },
    config: undefined,
    losses: ["thinking: adaptive->enabled"],
  });
  assert.deepEqual(write({ mode: "adaptive" }, "claude-3-haiku-20240307", "anthropic"), {
    thinking: undefined,
    config: undefined,
    losses: ["reasoning_effort: dropped"],
  });
});

test("thinking off where the model cannot turn it off", () => {
  assert.deepEqual(write({ effort: "none" }, "claude-opus-5-5").config, { effort: "low" });
  assert.deepEqual(write({ mode: "off" }, "claude-sonnet-5-5", "anthropic").thinking, { type: "between_tools" });
  assert.deepEqual(write({ mode: "off", effort: "max" }, "claude-opus-5", "anthropic"), {
    thinking: { type: "disabled" },
    config: { effort: "high" },
    losses: ["reasoning_effort: max->high: thinking is off"],
  });
});

test("an Anthropic client's own words go to an unknown model as they are", () => {
  assert.deepEqual(write({ mode: "adaptive", effort: "high", display: "omitted" }, "my-local-model", "anthropic"), {
    thinking: { type: "adaptive", display: "omitted" },
    config: { effort: "high" },
    losses: [],
  });
  assert.deepEqual(write({ effort: "high" }, "my-local-model", "anthropic"), {
    thinking: undefined,
    config: { effort: "high" },
    losses: [],
  });
});

test("a client that wants to see reasoning asks newer models for the summary", () => {
  assert.deepEqual(write({ effort: "low", display: "auto" }, "claude-opus-4-7").thinking, {
    type: "adaptive",
    display: "summarized",
  });
});

test("a forced tool wins over thinking", () => {
  const forced: Partial<ChatRequest> = { tools: [{ kind: "function", name: "f" }], toolChoice: { mode: "required" } };
  const { thinking, losses } = write({ effort: "high" }, "claude-sonnet-4-5", "openai", forced);
  assert.equal(thinking, undefined);
  assert.deepEqual(losses, ["reasoning: off: the tool choice is forced"]);
  // An output limit that would have been raised for the thinking stays as it is, and nobody is told that it was raised.
  const small = write({ effort: "high" }, "claude-sonnet-4-5", "openai", { ...forced, maxOutputTokens: 1000 });
  assert.deepEqual(small.losses, ["reasoning: off: the tool choice is forced"]);
});

test("a budget is left out while answering calls that were made without signed thinking", () => {
  const messages: Message[] = [
    { role: "user", parts: [{ type: "text", text: "hi" }] },
    { role: "assistant", parts: [{ type: "tool-call", id: "a", name: "f", arguments: "{}", kind: "function" }] },
    { role: "tool", parts: [{ type: "tool-result", callId: "a", parts: [], isError: false }] },
  ];
  const off = write({ effort: "high" }, "claude-sonnet-4-5", "openai", { messages });
  assert.equal(off.thinking, undefined);
  assert.deepEqual(off.losses, ["reasoning: off: the tool calls being answered have no signed thinking"]);
  assert.deepEqual(write({ effort: "high" }, "claude-opus-4-6", "openai", { messages }).thinking, ADAPTIVE);
});

test("beside thinking only the sampling the API takes is sent", () => {
  const losses = new Losses(anthropicSupport);
  const request = {
    ...emptyRequest("openai", "m"),
    reasoning: { effort: "high" as const },
    sampling: { temperature: 0.2, topP: 0.5, topK: 9 },
  };
  const body = writeRequest(request, { model: "claude-sonnet-4-5", quirks: {} }, losses);
  assert.deepEqual([body["temperature"], body["top_p"], body["top_k"]], [undefined, undefined, undefined]);
  assert.equal(losses.list.filter((loss) => loss.treatment === "dropped: the model thinks").length, 3);
});
