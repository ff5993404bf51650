import type { Block, ClientFormat, JsonObject, Prompt, Said, Thinking, Turn } from "./format.ts";
import { argumentsOf, at, listAt, textAt } from "./json.ts";
import { failed, finished, spoken, used } from "./read-said.ts";

const BUDGETS: Record<Thinking, number> = { low: 1024, medium: 4096, high: 16_384 };

export const gemini: ClientFormat = {
  name: "gemini",
  label: "Gemini generateContent",
  framing: "sse",
  path: (model) => `/v1beta/models/${encodeURIComponent(model)}:streamGenerateContent?alt=sse`,
  body: bodyOf,
  read(frame) {
    const candidate = at(frame, "candidates", 0);
    return [
      ...failed(frame),
      ...listAt(candidate, "content", "parts").flatMap(partOf),
      ...used(at(frame, "usageMetadata"), "promptTokenCount", "candidatesTokenCount"),
      ...finished(textAt(candidate, "finishReason") ?? textAt(frame, "promptFeedback", "blockReason")),
    ];
  },
};

function bodyOf(prompt: Prompt): JsonObject {
  const { system, turns, temperature, maxTokens, thinking, tools, plugins } = prompt;
  const generationConfig = {
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(thinking && { thinkingConfig: { includeThoughts: true, thinkingBudget: BUDGETS[thinking] } }),
  };
  return {
    ...(system !== "" && { systemInstruction: { parts: [{ text: system }] } }),
    contents: turns.map(contentOf),
    ...(Object.keys(generationConfig).length > 0 && { generationConfig }),
    ...(tools.length > 0 && {
      tools: [
        {
          functionDeclarations: tools.map(({ name, description, parameters }) => ({
            name,
            description,
            parametersJsonSchema: parameters,
          })),
        },
      ],
    }),
    ...(plugins.length > 0 && { plugins }),
  };
}

function contentOf(turn: Turn): JsonObject {
  if (turn.role === "user") return { role: "user", parts: [{ text: turn.text }] };
  if (turn.role === "assistant") return { role: "model", parts: turn.blocks.flatMap(partsOf) };
  const parts = turn.results.map(({ id, name, text }) => ({
    functionResponse: { id, name, response: { output: text } },
  }));
  return { role: "user", parts };
}

function partsOf(block: Block): JsonObject[] {
  if (block.type === "text") return [{ text: block.text }];
  if (block.type === "reasoning") return [];
  const { id, name, arguments: text, state } = block;
  const functionCall = { id, name, args: argumentsOf(text) };
  return [{ functionCall, ...(state !== undefined && { thoughtSignature: state }) }];
}

/** A call comes whole. Without an id its place in the frame has to do. */
function partOf(part: unknown, place: number): Said[] {
  const call = at(part, "functionCall");
  if (call === undefined) return spoken(at(part, "thought") === true ? "reasoning" : "text", textAt(part, "text"));
  const name = textAt(call, "name") ?? "";
  const key = textAt(call, "id") ?? `${name}-${place}`;
  const state = textAt(part, "thoughtSignature");
  return [
    { type: "call", key, id: key, name, ...(state !== undefined && { state }) },
    { type: "arguments", key, text: JSON.stringify(at(call, "args") ?? {}) },
  ];
}
