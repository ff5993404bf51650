import type { Block, ClientFormat, JsonObject, Prompt, Said, Thinking, Turn } from "./format.ts";
import { argumentsOf, at, numberAt, textAt } from "./json.ts";
import { failed, finished, spoken, used } from "./read-said.ts";

/** The API wants a limit; so many tokens for the answer itself when nobody says. */
const MAX_TOKENS = 4096;
const BUDGETS: Record<Thinking, number> = { low: 1024, medium: 4096, high: 16_384 };

export const anthropic: ClientFormat = {
  name: "anthropic",
  label: "Anthropic Messages",
  framing: "sse",
  path: () => "/v1/messages",
  body: bodyOf,
  read(frame) {
    switch (textAt(frame, "type")) {
      case "message_start":
        return used(at(frame, "message", "usage"), "input_tokens", "output_tokens");
      case "content_block_start":
        return startOf(at(frame, "content_block"), keyOf(frame));
      case "content_block_delta":
        return deltaOf(at(frame, "delta"), keyOf(frame));
      case "message_delta":
        return [
          ...used(at(frame, "usage"), "input_tokens", "output_tokens"),
          ...finished(textAt(frame, "delta", "stop_reason")),
        ];
      default:
        return failed(frame);
    }
  },
};

function bodyOf(prompt: Prompt): JsonObject {
  const { model, system, turns, temperature, maxTokens, thinking, tools, plugins } = prompt;
  const budget = thinking ? BUDGETS[thinking] : 0;
  return {
    model,
    max_tokens: maxTokens ?? MAX_TOKENS + budget,
    ...(system !== "" && { system }),
    messages: turns.map(messageOf),
    stream: true,
    ...(temperature !== undefined && { temperature }),
    ...(thinking && { thinking: { type: "enabled", budget_tokens: budget } }),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, parameters }) => ({ name, description, input_schema: parameters })),
    }),
    ...(plugins.length > 0 && { plugins }),
  };
}

function messageOf(turn: Turn): JsonObject {
  if (turn.role === "user") return { role: "user", content: turn.text };
  if (turn.role === "assistant") return { role: "assistant", content: turn.blocks.flatMap(contentOf) };
  const results = turn.results.map(({ id, text }) => ({ type: "tool_result", tool_use_id: id, content: text }));
  return { role: "user", content: results };
}

/** Thinking goes back only with its signature: without it the API refuses it. */
function contentOf(block: Block): JsonObject[] {
  if (block.type === "text") return block.text === "" ? [] : [{ type: "text", text: block.text }];
  if (block.type === "call") {
    return [{ type: "tool_use", id: block.id, name: block.name, input: argumentsOf(block.arguments) }];
  }
  if (block.state === undefined) return [];
  return [{ type: "thinking", thinking: block.text, signature: block.state }];
}

function keyOf(frame: unknown): string {
  return String(numberAt(frame, "index") ?? 0);
}

function startOf(block: unknown, key: string): Said[] {
  const name = textAt(block, "name");
  if (textAt(block, "type") !== "tool_use" || name === undefined) return [];
  return [{ type: "call", key, id: textAt(block, "id") ?? key, name }];
}

function deltaOf(delta: unknown, key: string): Said[] {
  const text = textAt(delta, "partial_json");
  const state = textAt(delta, "signature");
  return [
    ...spoken("text", textAt(delta, "text")),
    ...spoken("reasoning", textAt(delta, "thinking")),
    ...(state === undefined ? [] : [{ type: "reasoning-state" as const, state }]),
    ...(text === undefined ? [] : [{ type: "arguments" as const, key, text }]),
  ];
}
