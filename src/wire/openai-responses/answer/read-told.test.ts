import assert from "node:assert/strict";
import { test } from "node:test";
import { readAll } from "../../../../test/support/streams.ts";
import type { JsonObject } from "../../../core/json.ts";
import { textOf } from "../../../core/part.ts";
import { reduceEvents } from "../../../core/response.ts";
import { responsesProvider } from "../provider.ts";

// What was told by deltas, and is told again by done events and the final response.

function textRead(...events: JsonObject[]): string {
  const text = events.map((event) => `event: ${event["type"]}\ndata: ${JSON.stringify(event)}\n\n`).join("");
  return textOf(reduceEvents(readAll(responsesProvider.readStream(), text)).response().parts);
}

const message = (text: string): JsonObject => ({ type: "message", id: "m", content: [{ type: "output_text", text }] });
const delta = (text: string): JsonObject => ({ type: "response.output_text.delta", output_index: 2, delta: text });
const done = (text: string): JsonObject => ({
  type: "response.output_item.done",
  output_index: 2,
  item: message(text),
});
const completed = (...output: JsonObject[]): JsonObject => ({
  type: "response.completed",
  response: { status: "completed", output },
});

test("an item that stands at another place in the final output is not told again", () => {
  assert.equal(textRead(delta("one"), done("one two"), completed(message("one two"))), "one two");
});

test("a whole that begins otherwise than its deltas adds nothing to them", () => {
  assert.equal(textRead(delta("It ran."), done("It ran well, all of it."), completed()), "It ran.");
});
