import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Json, JsonObject } from "../../../core/json.ts";
import { Losses } from "../../../core/loss.ts";
import { type ChatRequest, emptyRequest, type Message } from "../../../core/request.ts";
import { responsesClient } from "../client.ts";
import { responsesProvider } from "../provider.ts";

const write = (request: ChatRequest): JsonObject =>
  responsesProvider.writeRequest(request, { model: "m", quirks: {} }, new Losses(responsesProvider.support));

const roundTrip = (body: JsonObject): JsonObject => write(responsesClient.readRequest(body, {}));

test("Codex's own request comes out as it went in, but for the ids of its items", () => {
  const body: JsonObject = {
    model: "m",
    instructions: "Be brief.",
    input: [
      {
        type: "message",
        role: "user",
        content: [
          { type: "input_text", text: "go" },
          { type: "input_image", detail: "high", image_url: "data:image/png;base64,iVBORw0KGgo=" },
        ],
      },
      { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "hm" }], encrypted_content: "ENC" },
      { type: "function_call", call_id: "c1", name: "f", arguments: '{"z":1,"a":2}' },
      { type: "web_search_call", id: "ws_1", status: "completed" },
      { type: "custom_tool_call", call_id: "c2", name: "apply_patch", input: "*** Begin" },
      { type: "function_call_output", call_id: "c1", output: "ok" },
      { type: "custom_tool_call_output", call_id: "c2", output: "done" },
      { type: "item_reference", id: "msg_9" },
      { type: "message", role: "developer", content: [{ type: "input_text", text: "note" }] },
    ],
    tools: [
      { type: "function", name: "f", description: "d", parameters: { type: "object" }, strict: false },
      { type: "custom", name: "apply_patch", description: "d", format: { type: "grammar" } },
      { type: "tool_search", execution: "client" },
    ],
    tool_choice: {
      type: "allowed_tools",
      mode: "auto",
      tools: [{ type: "function", name: "f" }, { type: "tool_search" }],
    },
    parallel_tool_calls: true,
    reasoning: { effort: "high", summary: "auto", context: "all_turns" },
    text: { verbosity: "low" },
    prompt_cache_key: "k",
    stream: true,
    store: false,
    include: ["reasoning.encrypted_content"],
    client_metadata: { a: "b" },
  };
  assert.deepEqual(roundTrip(body), body);
});

test("property: parts survive a round trip through the wire", () => {
  const said = fc.oneof(
    fc.record({ type: fc.constant("text" as const), text: fc.string() }),
    fc.record({ type: fc.constant("refusal" as const), text: fc.string() }),
    fc.record({
      type: fc.constant("tool-call" as const),
      id: fc.stringMatching(/^[a-z]{1,70}$/),
      name: fc.stringMatching(/^[a-z]{1,9}$/),
      arguments: fc.json(),
      kind: fc.constantFrom("function" as const, "custom" as const),
    }),
  );
  const message: fc.Arbitrary<Message> = fc.oneof(
    fc.record({
      role: fc.constant("user" as const),
      parts: fc.array(fc.record({ type: fc.constant("text" as const), text: fc.string() }), { minLength: 1 }),
    }),
    fc.record({ role: fc.constant("assistant" as const), parts: fc.array(said, { minLength: 1 }) }),
  );
  const wire = (value: Json | undefined): string => JSON.stringify(value);
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 6 }), (messages) => {
      const body = write({ ...emptyRequest("openai-responses", "m"), messages: structuredClone(messages) });
      const back = responsesClient.readRequest(body, {});
      assert.deepEqual(
        back.messages.flatMap(({ role, parts }) =>
          parts.map((part) => [role, part.type, "text" in part ? part.text : ""]),
        ),
        messages.flatMap(({ role, parts }) => parts.map((part) => [role, part.type, "text" in part ? part.text : ""])),
      );
      assert.equal(wire(write(back)["input"]), wire(body["input"]));
    }),
  );
});
