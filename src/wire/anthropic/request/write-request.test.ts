import assert from "node:assert/strict";
import { test } from "node:test";
import { asObject, type JsonObject, objectsOf } from "../../../core/json.ts";
import { Losses } from "../../../core/loss.ts";
import type { Dialect } from "../../../core/part.ts";
import { type ChatRequest, emptyRequest, type Message } from "../../../core/request.ts";
import { anthropicSupport } from "../support.ts";
import { readRequest } from "./read-request.ts";
import { writeRequest } from "./write-request.ts";

const HAIKU = "claude-haiku-4-5";
const hello: Message = { role: "user", parts: [{ type: "text", text: "hi" }] };

interface Written {
  body: JsonObject;
  /** `field: treatment`, and ` (reject)` where the request is refused. */
  losses: string[];
}

function write(fields: Partial<ChatRequest>, model = HAIKU, dialect: Dialect = "openai"): Written {
  const losses = new Losses(anthropicSupport);
  const request = { ...emptyRequest(dialect, "asked"), messages: [hello], ...fields };
  const body = writeRequest(request, { model, quirks: {} }, losses);
  const list = losses.list.map(
    (loss) => `${loss.field}: ${loss.treatment}${loss.class === "report" ? "" : ` (${loss.class})`}`,
  );
  return { body, losses: list };
}

function fieldsOf({ body, losses }: Written, ...names: string[]): unknown {
  return { ...Object.fromEntries(names.map((name) => [name, body[name]])), losses };
}

test("the smallest request, byte for byte", () => {
  assert.equal(
    JSON.stringify(write({}).body),
    '{"model":"claude-haiku-4-5","max_tokens":64000,"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]}',
  );
});

test("max_tokens: the client's, else the model's; clamped to what a known model has", () => {
  assert.equal(write({ maxOutputTokens: 5 }).body["max_tokens"], 5);
  assert.equal(write({}, "mystery-1").body["max_tokens"], 8192);
  assert.deepEqual(fieldsOf(write({ maxOutputTokens: 100_000 }), "max_tokens"), {
    max_tokens: 64_000,
    losses: ["max_output_tokens: clamped(100000->64000)"],
  });
});

test("temperature is clamped, not rescaled; sampling a model refuses is dropped and told", () => {
  assert.deepEqual(fieldsOf(write({ sampling: { temperature: 1.4 } }), "temperature"), {
    temperature: 1,
    losses: ["temperature: clamped(1.4->1)"],
  });
  assert.deepEqual(
    fieldsOf(
      write({ sampling: { temperature: 0.2, topP: 0.5, topK: 3 } }, "claude-opus-4-7"),
      "temperature",
      "top_p",
      "top_k",
    ),
    {
      temperature: undefined,
      top_p: undefined,
      top_k: undefined,
      losses: ["temperature", "top_p", "top_k"].map((name) => `${name}: dropped: the model refuses it`),
    },
  );
  assert.deepEqual(fieldsOf(write({ sampling: { temperature: 0.2, topP: 0.5 } }), "temperature", "top_p"), {
    temperature: 0.2,
    top_p: undefined,
    losses: ["top_p: dropped: the model takes temperature or top_p, not both"],
  });
});

test("what the API has no field for is lost by class", () => {
  const { losses } = write({
    sampling: {
      seed: 1,
      n: 2,
      logprobs: true,
      frequencyPenalty: 0.5,
      presencePenalty: 0,
      minP: 0.1,
      logitBias: { 1: 2 },
      stop: ["\n", "END"],
    },
    verbosity: "low",
    cache: { key: "k" },
    identity: { metadata: { a: "b" } },
    extra: { store: true, seed2: 1, stream_options: null },
  });
  assert.deepEqual(losses, [
    "min_p: dropped",
    "frequency_penalty: dropped",
    "seed: dropped",
    "n: dropped (reject)",
    "logprobs: dropped (reject)",
    "logit_bias: dropped",
    "stop: whitespace sequences dropped",
    "metadata: dropped (silent)",
    "verbosity: dropped",
    "cache_key: dropped (silent)",
    "store: dropped (silent)",
    "seed2: dropped",
  ]);
});

test("an Anthropic client's own fields come back, task_budget beside effort", () => {
  const { body, losses } = write(
    {
      extra: { context_management: { edits: [] }, output_config: { task_budget: { total: 9 } } },
      reasoning: { effort: "high", mode: "adaptive", display: "omitted" },
      identity: { user: "u" },
      cache: { automatic: { ttl: "1h" } },
      stream: true,
    },
    "claude-opus-5-5",
    "anthropic",
  );
  assert.deepEqual(losses, []);
  assert.deepEqual(body["output_config"], { task_budget: { total: 9 }, effort: "high" });
  assert.deepEqual(body["thinking"], { type: "adaptive", display: "omitted" });
  assert.deepEqual(body["context_management"], { edits: [] });
  assert.deepEqual(body["metadata"], { user_id: "u" });
  assert.deepEqual(body["cache_control"], { type: "ephemeral", ttl: "1h" });
  assert.equal(body["stream"], true);
});

test("a schema is output_config.format, or an instruction for models without it; json_object always one", () => {
  const schema = { type: "object", additionalProperties: false };
  const output: ChatRequest["output"] = { kind: "json_schema", schema, name: "n", strict: true };
  assert.deepEqual(fieldsOf(write({ output }), "output_config", "system"), {
    output_config: { format: { type: "json_schema", schema } },
    system: undefined,
    losses: [],
  });
  const old = write({ output }, "claude-3-haiku-20240307");
  assert.match(JSON.stringify(old.body["system"]), /additionalProperties/);
  assert.equal(old.losses.length, 1);
  const any = write({ output: { kind: "json" } });
  assert.match(JSON.stringify(any.body["system"]), /one valid JSON object/);
  assert.deepEqual(any.losses, ["response_format: json_object asked for in the system prompt"]);
});

test("only the last four cache marks stay, in prompt order", () => {
  const text = (n: number): Message["parts"][number] => ({ type: "text", text: `t${n}`, cache: {} });
  const { body, losses } = write({
    tools: [{ kind: "function", name: "f", cache: {} }],
    system: [text(0), text(1)],
    messages: [{ role: "user", parts: [text(2), text(3), text(4)] }],
  });
  assert.equal(JSON.stringify(body).match(/cache_control/g)?.length, 4);
  assert.equal(JSON.stringify(body["tools"]).includes("cache_control"), false);
  assert.deepEqual(losses, ["cache_control: first 2 of 6 marks dropped"]);
});

test("a top-level cache mark is one of the four, OpenAI's times become Anthropic's", () => {
  const mark = (ttl: string): Message["parts"][number] => ({ type: "text", text: ttl, cache: { ttl } });
  const { body, losses } = write({
    cache: { automatic: {} },
    system: [mark("5m"), mark("12h"), mark("1h"), mark("30m")],
  });
  assert.deepEqual(body["system"], [
    { type: "text", text: "5m" },
    { type: "text", text: "12h", cache_control: { type: "ephemeral", ttl: "1h" } },
    { type: "text", text: "1h", cache_control: { type: "ephemeral", ttl: "1h" } },
    { type: "text", text: "30m", cache_control: { type: "ephemeral", ttl: "5m" } },
  ]);
  assert.deepEqual(losses, [
    "cache_control.ttl: 12h->1h",
    "cache_control.ttl: 30m->5m",
    "cache_control: first 1 of 4 marks dropped",
  ]);
});

test("writing neither changes the request nor depends on an earlier one", () => {
  const value = { type: "web_search_20250305", name: "web_search", cache_control: { type: "ephemeral" } };
  const fields: Partial<ChatRequest> = {
    tools: [{ kind: "hosted", dialect: "anthropic", type: "web_search_20250305", value }],
    system: [1, 2, 3, 4].map((n) => ({ type: "text", text: `${n}`, cache: {} })),
  };
  const before = JSON.stringify(fields);
  const first = JSON.stringify(write(fields, HAIKU, "anthropic"));
  assert.equal(JSON.stringify(fields), before);
  assert.equal(JSON.stringify(write(fields, HAIKU, "anthropic")), first);
});

test("a mark of minutes before one of an hour lasts as long: the API takes them in no other order", () => {
  const mark = (ttl?: string): Message["parts"][number] => ({
    type: "text",
    text: "t",
    cache: ttl === undefined ? {} : { ttl },
  });
  const { body, losses } = write({ system: [mark(), mark("30m"), mark("1h"), mark("5m")] });
  assert.deepEqual(
    objectsOf(body["system"]).map((block) => asObject(block["cache_control"])?.["ttl"]),
    ["1h", "1h", "1h", "5m"],
  );
  assert.deepEqual(losses, ["cache_control.ttl: 30m->5m", "cache_control.ttl: 2 of 5m->1h: a longer one follows"]);
});

test("the mark of an empty text says the same on the block before it", () => {
  const parts: Message["parts"] = [
    { type: "text", text: "a" },
    { type: "text", text: "", cache: { ttl: "1h" } },
  ];
  const { body } = write({ messages: [{ role: "user", parts }] });
  assert.deepEqual(body["messages"], [
    { role: "user", content: [{ type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1h" } }] },
  ]);
});

test("max_tokens 0 warms Anthropic's cache; other providers are asked for the shortest answer", () => {
  const request = readRequest({ model: "m", max_tokens: 0, messages: [{ role: "user", content: "hi" }] }, {});
  assert.equal(request.maxOutputTokens, 1);
  const { body, losses } = write(request, HAIKU, "anthropic");
  assert.deepEqual([body["max_tokens"], losses], [0, []]);
});

test("a system prompt holds text only", () => {
  const image: Message["parts"][number] = {
    type: "image",
    source: { kind: "base64", mediaType: "image/png", data: "iVBORw0KGgoAAAA=" },
  };
  assert.deepEqual(write({ system: [{ type: "text", text: "a" }, image] }).losses, [
    "system: no image in a system prompt (reject)",
  ]);
});
