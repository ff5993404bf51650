import type { ClientFormat, JsonObject, Prompt, Said, Turn } from "./format.ts";
import { argumentsOf, at, listAt, textAt } from "./json.ts";
import { failed, finished, spoken, used } from "./read-said.ts";

export const ollama: ClientFormat = {
  name: "ollama",
  label: "Ollama chat",
  framing: "lines",
  path: () => "/api/chat",
  body: bodyOf,
  read(frame) {
    const message = at(frame, "message");
    return [
      ...failed(frame),
      ...spoken("reasoning", textAt(message, "thinking")),
      ...spoken("text", textAt(message, "content")),
      ...listAt(message, "tool_calls").flatMap(callOf),
      ...used(frame, "prompt_eval_count", "eval_count"),
      ...finished(textAt(frame, "done_reason")),
    ];
  },
};

function bodyOf(prompt: Prompt): JsonObject {
  const { model, system, turns, temperature, maxTokens, thinking, tools, plugins } = prompt;
  const options = {
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { num_predict: maxTokens }),
  };
  return {
    model,
    messages: [...(system === "" ? [] : [{ role: "system", content: system }]), ...turns.flatMap(messagesOf)],
    ...(Object.keys(options).length > 0 && { options }),
    ...(thinking && { think: thinking }),
    ...(tools.length > 0 && { tools: tools.map((tool) => ({ type: "function", function: { ...tool } })) }),
    ...(plugins.length > 0 && { plugins }),
  };
}

function messagesOf(turn: Turn): JsonObject[] {
  if (turn.role === "user") return [{ role: "user", content: turn.text }];
  if (turn.role === "tool") {
    return turn.results.map(({ id, name, text }) => ({
      role: "tool",
      tool_name: name,
      tool_call_id: id,
      content: text,
    }));
  }
  const content = turn.blocks.map((block) => (block.type === "text" ? block.text : "")).join("");
  const calls = turn.blocks.flatMap((block) =>
    block.type === "call"
      ? [{ id: block.id, function: { name: block.name, arguments: argumentsOf(block.arguments) } }]
      : [],
  );
  return [{ role: "assistant", content, ...(calls.length > 0 && { tool_calls: calls }) }];
}

/** A call comes whole. Older servers give it no id: its place among the calls has to do. */
function callOf(call: unknown, place: number): Said[] {
  const name = textAt(call, "function", "name") ?? "";
  const key = textAt(call, "id") ?? `${name}-${place}`;
  const text = JSON.stringify(at(call, "function", "arguments") ?? {});
  return [
    { type: "call", key, id: key, name },
    { type: "arguments", key, text },
  ];
}
