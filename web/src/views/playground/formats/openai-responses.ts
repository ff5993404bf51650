import type { ClientFormat, JsonObject, Prompt, Said, Turn } from "./format.ts";
import { at, textAt } from "./json.ts";
import { failed, finished, spoken, used } from "./read-said.ts";

export const openaiResponses: ClientFormat = {
  name: "openai-responses",
  label: "OpenAI Responses",
  framing: "sse",
  path: () => "/v1/responses",
  body: bodyOf,
  read(frame) {
    const delta = textAt(frame, "delta");
    switch (textAt(frame, "type")) {
      case "response.output_text.delta":
      case "response.refusal.delta":
        return spoken("text", delta);
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
        return spoken("reasoning", delta);
      case "response.output_item.added":
        return callOf(at(frame, "item"));
      case "response.function_call_arguments.delta":
        return delta === undefined ? [] : [{ type: "arguments", key: textAt(frame, "item_id") ?? "", text: delta }];
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
        return endOf(at(frame, "response"));
      case "error":
        return [{ type: "error", message: textAt(frame, "message") ?? JSON.stringify(frame) }];
      default:
        return failed(frame);
    }
  },
};

function bodyOf(prompt: Prompt): JsonObject {
  const { model, system, turns, temperature, maxTokens, thinking, tools, plugins } = prompt;
  return {
    model,
    ...(system !== "" && { instructions: system }),
    input: turns.flatMap(itemsOf),
    stream: true,
    store: false,
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { max_output_tokens: maxTokens }),
    ...(thinking && { reasoning: { effort: thinking, summary: "auto" } }),
    ...(tools.length > 0 && { tools: tools.map((tool) => ({ type: "function", ...tool, strict: false })) }),
    ...(plugins.length > 0 && { plugins }),
  };
}

function itemsOf(turn: Turn): JsonObject[] {
  if (turn.role === "user") return [{ role: "user", content: turn.text }];
  if (turn.role === "tool") {
    return turn.results.map(({ id, text }) => ({ type: "function_call_output", call_id: id, output: text }));
  }
  return turn.blocks.flatMap((block): JsonObject[] => {
    if (block.type === "text") return [{ role: "assistant", content: block.text }];
    // Thinking without the provider's own state is of no use to it.
    if (block.type === "reasoning") return [];
    const { id, name, arguments: text } = block;
    return [{ type: "function_call", call_id: id, name, arguments: text === "" ? "{}" : text }];
  });
}

function callOf(item: unknown): Said[] {
  const name = textAt(item, "name");
  if (textAt(item, "type") !== "function_call" || name === undefined) return [];
  const key = textAt(item, "id") ?? "";
  return [{ type: "call", key, id: textAt(item, "call_id") ?? key, name }];
}

function endOf(response: unknown): Said[] {
  return [
    ...failed(response),
    ...used(at(response, "usage"), "input_tokens", "output_tokens"),
    ...finished(textAt(response, "incomplete_details", "reason") ?? textAt(response, "status")),
  ];
}
