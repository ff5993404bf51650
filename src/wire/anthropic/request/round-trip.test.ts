import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JsonObject } from "../../../core/json.ts";
import { Losses } from "../../../core/loss.ts";
import { anthropicSupport } from "../support.ts";
import { readRequest } from "./read-request.ts";
import { writeRequest } from "./write-request.ts";

/** Reads a client's body and writes it again, as when a plugin changed something. */
function again(body: JsonObject): { body: JsonObject; losses: Losses["list"] } {
  const request = readRequest(body, {});
  const losses = new Losses(anthropicSupport);
  return { body: writeRequest(request, { model: request.model, quirks: {} }, losses), losses: losses.list };
}

const word = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => text.trim() !== "");
const text = fc.record({ type: fc.constant("text"), text: word });
const image = fc.constant({
  type: "image",
  source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgoAAAANSUhEUg==" },
});
const document = fc.record({
  type: fc.constant("document"),
  source: fc.record({ type: fc.constant("text"), media_type: fc.constant("text/plain"), data: word }),
  title: word,
});
const search = fc.record({
  type: fc.constant("search_result"),
  source: word,
  title: word,
  content: fc.array(text, { minLength: 1 }),
});
const thinking = fc.record({
  type: fc.constant("thinking"),
  thinking: fc.string(),
  signature: fc.base64String({ minLength: 4 }),
});
const args = fc.dictionary(
  fc.constantFrom("zeta", "path", "alpha"),
  fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
);

/** A turn with calls and the turn that answers them. */
const exchange = fc
  .record({
    thoughts: fc.array(thinking, { maxLength: 2 }),
    said: text,
    inputs: fc.array(args, { minLength: 1, maxLength: 3 }),
    after: fc.array(text, { maxLength: 2 }),
    found: fc.array(fc.oneof(text, image, document, search), { minLength: 2, maxLength: 3 }),
    isError: fc.boolean(),
  })
  .map(({ thoughts, said, inputs, after, found, isError }) => [
    {
      role: "assistant",
      content: [
        ...thoughts,
        said,
        ...inputs.map((input, n) => ({ type: "tool_use", id: `toolu_${n}`, name: "f", input })),
      ],
    },
    {
      role: "user",
      content: [
        ...inputs.map((_, n) => ({
          type: "tool_result",
          tool_use_id: `toolu_${n}`,
          content: found,
          ...(isError && { is_error: true }),
        })),
        ...after,
      ],
    },
  ]);

const conversation = fc
  .record({
    first: fc.array(fc.oneof(text, image, document), { minLength: 1, maxLength: 3 }),
    exchanges: fc.array(exchange, { maxLength: 3 }),
  })
  .map(({ first, exchanges }) => [{ role: "user", content: first }, ...exchanges.flat()]);

test("every message an Anthropic client can send comes back as it was", () => {
  fc.assert(
    fc.property(conversation, (messages) => {
      const body: JsonObject = JSON.parse(JSON.stringify({ model: "claude-sonnet-4-5", max_tokens: 100, messages }));
      const written = again(body);
      assert.equal(JSON.stringify(written.body["messages"]), JSON.stringify(body["messages"]));
      assert.deepEqual(written.losses, []);
    }),
    { numRuns: 60 },
  );
});

test("a body of Claude Code comes back with every field", () => {
  const mark = { cache_control: { type: "ephemeral", ttl: "1h" } };
  const body: JsonObject = {
    model: "claude-opus-5-5",
    max_tokens: 64_000,
    system: [
      { type: "text", text: "x-anthropic-billing-header: cc_version=2" },
      { type: "text", text: "You are Claude Code", ...mark },
    ],
    messages: [
      { role: "user", content: [{ type: "text", text: "hi" }] },
      { role: "system", content: [{ type: "text", text: "note", ...mark }], output_config: { effort: "low" } },
    ],
    tools: [
      { name: "Bash", description: "d", input_schema: { type: "object", properties: { c: {} } }, defer_loading: true },
      { type: "web_search_20250305", name: "web_search", max_uses: 8 },
    ],
    tool_choice: { type: "auto", disable_parallel_tool_use: true },
    thinking: { type: "adaptive", display: "omitted" },
    output_config: {
      task_budget: { type: "tokens", total: 5 },
      effort: "high",
      format: { type: "json_schema", schema: {} },
    },
    stop_sequences: ["END"],
    stream: true,
    metadata: { user_id: "u" },
    context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
    safeguards: [{ type: "dangerous_tool_use" }],
  };
  const written = again(body);
  assert.deepEqual(written.losses, []);
  assert.equal(JSON.stringify(written.body), JSON.stringify(body));
});

test("two turns of a session have the same prefix, so the prompt cache is hit", () => {
  const turn = (extra: JsonObject[]): string => {
    const messages = [
      { role: "user", content: "hi" },
      { role: "assistant", content: [{ type: "text", text: "yes" }] },
      ...extra,
    ];
    return JSON.stringify(again({ model: "claude-opus-4-7", max_tokens: 9, system: "s", messages }).body["messages"]);
  };
  const first = turn([{ role: "user", content: "more" }]);
  const second = turn([
    { role: "user", content: "more" },
    { role: "assistant", content: "ok" },
    { role: "user", content: "again" },
  ]);
  assert.equal(second.startsWith(first.slice(0, -1)), true);
});
