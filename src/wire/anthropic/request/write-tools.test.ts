import assert from "node:assert/strict";
import { test } from "node:test";
import { asArray, type JsonObject } from "../../../core/json.ts";
import { Losses } from "../../../core/loss.ts";
import type { Dialect } from "../../../core/part.ts";
import { type ChatRequest, emptyRequest, type HostedTwin, type Tool } from "../../../core/request.ts";
import { anthropicSupport } from "../support.ts";
import { writeRequest } from "./write-request.ts";

const weather: Tool = {
  kind: "function",
  name: "weather",
  parameters: { type: "object", properties: { b: {}, a: {} } },
  strict: true,
};
const clock: Tool = { kind: "function", name: "clock", description: "tells", strict: false };

function write(fields: Partial<ChatRequest>, model = "claude-sonnet-4-5", dialect: Dialect = "openai") {
  const losses = new Losses(anthropicSupport);
  const request = { ...emptyRequest(dialect, "asked"), tools: [weather, clock], ...fields };
  request.messages = [{ role: "user", parts: [{ type: "text", text: "hi" }] }];
  const body = writeRequest(request, { model, quirks: {} }, losses);
  return {
    tools: body["tools"],
    choice: body["tool_choice"],
    losses: losses.list.map((loss) => `${loss.field}: ${loss.treatment}`),
  };
}

test("function tools keep their schema as it is", () => {
  const { tools, choice, losses } = write({});
  assert.equal(
    JSON.stringify(tools),
    '[{"name":"weather","input_schema":{"type":"object","properties":{"b":{},"a":{}}},"strict":true},{"name":"clock","description":"tells","input_schema":{"type":"object","properties":{}}}]',
  );
  assert.equal(choice, undefined);
  assert.deepEqual(losses, []);
});

test("each tool choice", () => {
  const cases: [ChatRequest["toolChoice"], unknown][] = [
    [{ mode: "auto" }, { type: "auto" }],
    [{ mode: "none" }, { type: "none" }],
    [{ mode: "required" }, { type: "any" }],
    [
      { mode: "tool", name: "clock" },
      { type: "tool", name: "clock" },
    ],
    [{ mode: "tool", name: "nobody" }, { type: "auto" }],
  ];
  for (const [toolChoice, expected] of cases) if (toolChoice) assert.deepEqual(write({ toolChoice }).choice, expected);
});

test("allowed tools are the only ones sent", () => {
  const { tools, choice, losses } = write({ toolChoice: { mode: "allowed", names: ["clock"], required: true } });
  assert.match(JSON.stringify(tools), /^\[\{"name":"clock"/);
  assert.deepEqual(choice, { type: "any" });
  assert.deepEqual(losses, ["tool_choice: only the allowed tools are sent"]);
});

test("a model that takes no forced tool gets auto, and the client is told", () => {
  for (const model of ["claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-1"]) {
    const { choice, losses } = write({ toolChoice: { mode: "required" } }, model);
    assert.deepEqual(choice, { type: "auto" });
    assert.deepEqual(losses, ["tool_choice: required->auto: the model takes no forced tool"]);
  }
});

test("parallel calls off", () => {
  const off = { disable_parallel_tool_use: true };
  assert.deepEqual(write({ parallelToolCalls: false }).choice, { type: "auto", ...off });
  assert.deepEqual(write({ parallelToolCalls: false, toolChoice: { mode: "required" } }).choice, {
    type: "any",
    ...off,
  });
  assert.deepEqual(write({ parallelToolCalls: false, toolChoice: { mode: "none" } }).choice, { type: "none" });
});

test("a choice without tools is left out", () => {
  assert.deepEqual(write({ tools: [], toolChoice: { mode: "required" } }), {
    tools: undefined,
    choice: undefined,
    losses: ["tool_choice: dropped: no tools are sent"],
  });
});

test("a free-form tool becomes a function with one string, its grammar told in the description", () => {
  const format = { type: "grammar", syntax: "lark", definition: "start: /x/" };
  const { tools, losses } = write({
    tools: [{ kind: "custom", name: "apply_patch", description: "Patches.", format }],
  });
  assert.deepEqual(tools, [
    {
      name: "apply_patch",
      description: "Patches.\n\nThe input must follow this lark grammar:\nstart: /x/",
      input_schema: { type: "object", properties: { input: { type: "string" } }, required: ["input"] },
    },
  ]);
  assert.equal(losses.length, 1);
});

test("server tools go to Anthropic as they are, other providers' tools are lost", () => {
  const value = { type: "web_search_20250305", name: "web_search", max_uses: 8 };
  const own: Tool = { kind: "hosted", dialect: "anthropic", type: "web_search_20250305", value };
  assert.deepEqual(write({ tools: [own], toolChoice: { mode: "tool", name: "web_search" } }), {
    tools: [value],
    choice: { type: "tool", name: "web_search" },
    losses: [],
  });
  const foreign: Tool = { kind: "hosted", dialect: "openai-responses", type: "web_search", value: {} };
  assert.deepEqual(write({ tools: [foreign, clock] }).losses, ["tools[0] (web_search): dropped"]);
  assert.deepEqual(write({ tools: [foreign] }).losses, [
    "tools[0] (web_search): dropped",
    "tools: hosted tools of another provider",
  ]);
});

test("keys of a tool only Anthropic knows come back to it", () => {
  const tool: Tool = { kind: "function", name: "f", extra: { defer_loading: true } };
  assert.match(JSON.stringify(write({ tools: [tool] }, undefined, "anthropic").tools), /"defer_loading":true/);
  assert.deepEqual(write({ tools: [tool] }).losses, ["tools[0].defer_loading: dropped"]);
});

test("tools other providers run become Anthropic's own of the kind, with their domains and place", () => {
  const hosted = (value: JsonObject, twin?: HostedTwin): Tool => ({
    kind: "hosted",
    dialect: "openai-responses",
    type: String(value["type"]),
    value,
    ...(twin && { twin }),
  });
  const place = { type: "approximate", city: "Köln" };
  const filters = { allowed_domains: ["a.example"] };
  const { tools, losses } = write({
    tools: [
      clock,
      hosted({ type: "web_search", filters, user_location: place, search_context_size: "high" }, "web_search"),
      hosted({ type: "url_context" }, "web_fetch"),
      hosted({ type: "code_interpreter", container: { type: "auto" } }, "code_execution"),
      hosted({ type: "file_search" }),
    ],
  });
  assert.deepEqual(asArray(tools)?.slice(1), [
    { type: "web_search_20250305", name: "web_search", allowed_domains: ["a.example"], user_location: place },
    { type: "web_fetch_20250910", name: "web_fetch" },
    { type: "code_execution_20250825", name: "code_execution" },
  ]);
  assert.deepEqual(losses, ["tools[1].search_context_size: dropped", "tools[4] (file_search): dropped"]);
  const named = write({
    tools: [{ kind: "function", name: "web_search" }, hosted({ type: "web_search" }, "web_search")],
  });
  assert.equal(asArray(named.tools)?.length, 1, "two tools of one name are a 400");
});
