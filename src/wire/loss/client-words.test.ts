import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../core/json.ts";
import { inClientWords } from "./client-words.ts";

test("a loss is told under the name the client gave the field", () => {
  const cases: [field: string, body: JsonObject, told: string][] = [
    ["stop", { stop: ["x"] }, "stop"],
    ["stop", { stop_sequences: ["x"] }, "stop_sequences"],
    ["seed", { options: { seed: 1 } }, "options.seed"],
    ["top_p", { generationConfig: { topP: 0.5 } }, "generationConfig.topP"],
    ["max_output_tokens", { max_tokens: 1, max_completion_tokens: 2 }, "max_completion_tokens"],
    ["max_output_tokens", { max_output_tokens: 1 }, "max_output_tokens"],
    ["response_format", { text: { format: { type: "json_object" } } }, "text.format"],
    ["reasoning_effort", { reasoning: { effort: "max" } }, "reasoning.effort"],
    ["reasoning_budget", { thinking: { type: "enabled", budget_tokens: 2000 } }, "thinking.budget_tokens"],
    ["user", { user: null, metadata: { user_id: "u" } }, "metadata.user_id"],
    // Nothing of the kind was sent: the loss comes of something else, and keeps the word it has.
    ["reasoning_effort", { model: "m", options: "none" }, "reasoning_effort"],
    ["messages[0].content[1]", { messages: [] }, "messages[0].content[1]"],
  ];
  for (const [field, body, told] of cases) {
    const [loss] = inClientWords([{ field, treatment: "dropped", class: "report" }], body);
    assert.deepEqual(loss, { field: told, treatment: "dropped", class: "report" });
  }
});
