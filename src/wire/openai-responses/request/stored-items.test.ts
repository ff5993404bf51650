import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json, JsonObject } from "../../../core/json.ts";
import { Losses } from "../../../core/loss.ts";
import type { ProviderHalf } from "../../format.ts";
import { openaiProvider } from "../../openai/provider.ts";
import { responsesProvider } from "../provider.ts";
import { readRequest } from "./read-request.ts";

const hello = { role: "user", content: "hi" };

function through(half: ProviderHalf, input: Json[], model = "sent") {
  const losses = new Losses(half.support);
  const request = readRequest({ model: "m", input }, {});
  const body: JsonObject = half.writeRequest(request, { model, quirks: { developerRole: true } }, losses);
  return { body, losses: losses.list.map((loss) => `${loss.class} ${loss.field}`) };
}

test("references: to reasoning they are left out with a word, to anything else there is no answer without it", () => {
  const reasoning = { type: "item_reference", id: "rs_1" };
  assert.deepEqual(through(openaiProvider, [reasoning, hello]).losses, ["report messages[0].content[0]"]);
  for (const reference of [{ type: "item_reference", id: "msg_1" }, { id: "fc_1" }]) {
    assert.ok(through(openaiProvider, [reference, hello]).losses.includes("reject input.item_reference"));
    const own = through(responsesProvider, [reference, hello]);
    assert.deepEqual(own.losses, []);
    assert.deepEqual(own.body["input"], [
      reference,
      { type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] },
    ]);
    assert.equal(own.body["input.item_reference"], undefined);
  }
});

test("what OpenAI compacted only OpenAI can read", () => {
  const compacted = { type: "compaction", id: "cmp_1", encrypted_content: "E" };
  assert.ok(through(openaiProvider, [compacted, hello]).losses.includes("reject input.compaction"));
  assert.deepEqual(through(responsesProvider, [compacted, hello]).losses, []);
});

test("a search the router showed is not sent to OpenAI as its own", () => {
  const search = (id: string) => ({ type: "web_search_call", id, status: "completed", action: { type: "search" } });
  const { body, losses } = through(responsesProvider, [search("ws_router_1"), search("ws_2"), hello]);
  assert.deepEqual(
    [body["input"]].flat().map((item) => (typeof item === "object" && item && "id" in item ? item["id"] : undefined)),
    ["ws_2", undefined],
  );
  assert.deepEqual(losses, ["report messages[0].content[0](web_search_call)"]);
});

test("the phase of a message stays with it, and means nothing elsewhere", () => {
  const said = (phase: string, text: string) => ({
    type: "message",
    role: "assistant",
    content: [{ type: "output_text", text, annotations: [] }],
    phase,
  });
  const call = { type: "function_call", call_id: "c", name: "f", arguments: "{}" };
  const result = { type: "function_call_output", call_id: "c", output: "r" };
  const input = [said("commentary", "a"), call, result, said("final_answer", "b")];
  assert.deepEqual(through(responsesProvider, input).body["input"], input);
  assert.deepEqual(through(openaiProvider, input).losses, ["silent messages[0].phase", "silent messages[2].phase"]);
  const both = [call, said("commentary", "a"), said("final_answer", "b")];
  assert.deepEqual(through(responsesProvider, both).body["input"], both);
});

test("cache marks: lifetimes mapped, and only for models that know them", () => {
  const marked = (ttl: string) => ({
    role: "user",
    content: [{ type: "input_text", text: "x", prompt_cache_breakpoint: { mode: "explicit", ttl } }],
  });
  const marks = (half: ProviderHalf, model: string) => JSON.stringify(through(half, [marked("30m")], model).body);
  assert.match(marks(openaiProvider, "gpt-5.6-sol"), /prompt_cache_breakpoint/);
  assert.doesNotMatch(marks(openaiProvider, "gpt-5.4"), /prompt_cache_breakpoint/);
  assert.match(marks(responsesProvider, "gpt-5.4"), /prompt_cache_breakpoint/, "a client of this API knows its model");
});
