import type { Block, ClientFormat, JsonObject, Prompt, Said, Turn } from "./format.ts";
import { at, listAt, numberAt, textAt } from "./json.ts";
import { failed, finished, spoken, used } from "./read-said.ts";

export const openaiChat: ClientFormat = {
  name: "openai",
  label: "OpenAI Chat Completions",
  framing: "sse",
  path: () => "/v1/chat/completions",
  body: bodyOf,
  read(frame) {
    const choice = at(frame, "choices", 0);
    const delta = at(choice, "delta");
    return [
      ...failed(frame),
      ...spoken("reasoning", textAt(delta, "reasoning_content") ?? textAt(delta, "reasoning")),
      ...spoken("text", textAt(delta, "content") ?? textAt(delta, "refusal")),
      ...listAt(delta, "tool_calls").flatMap(callOf),
      ...used(at(frame, "usage"), "prompt_tokens", "completion_tokens"),
      ...finished(textAt(choice, "finish_reason")),
    ];
  },
};

function bodyOf(prompt: Prompt): JsonObject {
  const { model, system, turns, temperature, maxTokens, thinking, tools, plugins } = prompt;
  return {
    model,
    messages: [...(system === "" ? [] : [{ role: "system", content: system }]), ...turns.flatMap(messagesOf)],
    stream: true,
    stream_options: { include_usage: true },
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { max_completion_tokens: maxTokens }),
    ...(thinking && { reasoning_effort: thinking }),
    ...(tools.length > 0 && { tools: tools.map((tool) => ({ type: "function", function: { ...tool } })) }),
    ...(plugins.length > 0 && { plugins }),
  };
}

function messagesOf(turn: Turn): JsonObject[] {
  if (turn.role === "user") return [{ role: "user", content: turn.text }];
  if (turn.role === "tool") {
    return turn.results.map(({ id, text }) => ({ role: "tool", tool_call_id: id, content: text }));
  }
  const calls = turn.blocks.flatMap(toolCallOf);
  const content = turn.blocks.map((block) => (block.type === "text" ? block.text : "")).join("");
  return [{ role: "assistant", content, ...(calls.length > 0 && { tool_calls: calls }) }];
}

function toolCallOf(block: Block): JsonObject[] {
  if (block.type !== "call") return [];
  const { id, name, arguments: text } = block;
  return [{ id, type: "function", function: { name, arguments: text === "" ? "{}" : text } }];
}

/** The first delta of a call names it, the others only its index. */
function callOf(delta: unknown): Said[] {
  const key = String(numberAt(delta, "index") ?? 0);
  const name = textAt(delta, "function", "name");
  const text = textAt(delta, "function", "arguments");
  return [
    ...(name === undefined ? [] : [{ type: "call" as const, key, id: textAt(delta, "id") ?? key, name }]),
    ...(text === undefined ? [] : [{ type: "arguments" as const, key, text }]),
  ];
}
