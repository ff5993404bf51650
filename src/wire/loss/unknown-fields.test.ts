import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../core/json.ts";
import { Losses } from "../../core/loss.ts";
import { DIALECTS, type Dialect } from "../../core/part.ts";
import { emptyRequest } from "../../core/request.ts";
import { RESPONSES_SUPPORT } from "../openai-responses/support.ts";
import { classOfUnknown, dropExtra, dropMessageExtra, dropToolExtra } from "./unknown-fields.ts";

function lossesOf(dialect: Dialect, extra: JsonObject): Losses["list"] {
  const losses = new Losses(RESPONSES_SUPPORT);
  dropExtra({ ...emptyRequest(dialect, "m"), extra }, losses);
  return losses.list;
}

test("a field nobody has thought about is reported, in every dialect", () => {
  for (const dialect of DIALECTS) {
    assert.deepEqual(lossesOf(dialect, { brand_new: 1 }), [
      { field: "brand_new", treatment: "dropped", class: "report" },
    ]);
  }
});

test("state that lives at the provider is refused", () => {
  for (const field of ["previous_response_id", "conversation", "prompt"])
    assert.equal(classOfUnknown("openai-responses", field), "reject");
  assert.equal(classOfUnknown("anthropic", "thread"), "reject");
  assert.equal(classOfUnknown("ollama-generate", "context"), "reject");
});

test("null, an empty list and an API's own default are no loss", () => {
  assert.deepEqual(
    lossesOf("openai-responses", { previous_response_id: null, background: false, service_tier: "auto", access: [] }),
    [],
  );
  assert.deepEqual(lossesOf("openai", { modalities: ["text"], functions: [] }), []);
  assert.equal(lossesOf("openai", { modalities: ["text", "audio"] })[0]?.class, "reject");
});

test("keys inside a field the reader half understood are told one by one", () => {
  assert.deepEqual(lossesOf("ollama", { options: { num_ctx: 4096, num_gpu: 1 }, keep_alive: "5m" }), [
    { field: "options.num_ctx", treatment: "dropped", class: "report" },
    { field: "options.num_gpu", treatment: "dropped", class: "silent" },
    { field: "keep_alive", treatment: "dropped", class: "silent" },
  ]);
});

test("what one message or tool has of its own is told by its place, unless nothing depends on it", () => {
  const losses = new Losses(RESPONSES_SUPPORT);
  const tool = {
    kind: "function" as const,
    name: "f",
    extra: { defer_loading: true, input_examples: [1], strict: null },
  };
  dropToolExtra(tool, "tools[2]", "anthropic", losses);
  const turn = { role: "system" as const, parts: [], extra: { output_config: { effort: "low", clear_at: 3 } } };
  dropMessageExtra(turn, "messages[1]", "anthropic", losses);
  assert.deepEqual(
    losses.list.map((loss) => `${loss.field} ${loss.class}`),
    ["tools[2].defer_loading silent", "tools[2].input_examples report", "messages[1].output_config.clear_at report"],
  );
});

test("context management that keeps all thinking is what happens anyway", () => {
  const edits = (keep: string) => ({ context_management: { edits: [{ type: "clear_thinking_20251015", keep }] } });
  assert.deepEqual(lossesOf("anthropic", edits("all")), []);
  assert.equal(lossesOf("anthropic", edits("none")).length, 1);
});

test("a field named like a property of Object has no class of its own", () => {
  assert.equal(classOfUnknown("openai", "constructor"), "report");
});
