import fc from "fast-check";
import type { BlockStart, ChatEvent, FinishReason } from "../../src/core/event.ts";
import type { Part } from "../../src/core/part.ts";
import { emptyRequest } from "../../src/core/request.ts";
import type { ChatResponse } from "../../src/core/response.ts";
import type { AnswerContext } from "../../src/wire/format.ts";

/** A context in which no time passes. */
export function answerContext(changes: Partial<AnswerContext> = {}): AnswerContext {
  return {
    request: emptyRequest("openai", "asked-model"),
    body: {},
    id: "exchange-1",
    createdMs: Date.UTC(2026, 10, 23, 12, 0, 0),
    elapsedMs: () => 0,
    estimatedInput: 7,
    lost: () => undefined,
    ...changes,
  };
}

const state = fc.record(
  {
    dialect: fc.constantFrom("anthropic", "openai-responses"),
    kind: fc.constantFrom("signature", "encrypted"),
    value: fc.string(),
  },
  { noNullPrototype: true },
);

const answerPart: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ type: fc.constant("text"), text: fc.string({ unit: "grapheme" }) }),
  fc.record({
    type: fc.constant("text"),
    text: fc.string(),
    citations: fc.array(fc.record({ url: fc.webUrl() }), { minLength: 1 }),
  }),
  fc.record({ type: fc.constant("refusal"), text: fc.string() }),
  fc.record(
    { type: fc.constant("reasoning"), text: fc.string(), state, id: fc.string(), summary: fc.constant(true) },
    { requiredKeys: ["type", "text"] },
  ),
  fc.record(
    {
      type: fc.constant("tool-call"),
      id: fc.string(),
      name: fc.string({ minLength: 1 }),
      arguments: fc.json(),
      kind: fc.constantFrom("function", "custom"),
      state,
    },
    { requiredKeys: ["type", "id", "name", "arguments", "kind"] },
  ),
  fc.record({
    type: fc.constant("opaque"),
    dialect: fc.constant("anthropic"),
    what: fc.string(),
    value: fc.record({ type: fc.string() }),
  }),
);

const reason = fc.constantFrom<FinishReason>("stop", "length", "tool_calls", "refusal", "other");

const response: fc.Arbitrary<ChatResponse> = fc.record(
  {
    id: fc.string(),
    model: fc.string(),
    parts: fc.array(answerPart, { maxLength: 6 }),
    finish: fc.record({ reason, native: fc.string(), stopSequence: fc.string() }, { requiredKeys: ["reason"] }),
    usage: fc.record({
      input: fc.nat(),
      output: fc.nat(),
      cachedRead: fc.nat(),
      cacheWrite: fc.nat(),
      cacheWriteLong: fc.nat(),
      reasoning: fc.nat(),
      reported: fc.boolean(),
    }),
  },
  { requiredKeys: ["id", "model", "parts", "finish"] },
);

/** Any answer the vocabulary can hold. (The copy has ordinary prototypes, which deepEqual looks at.) */
export const anyResponse = response.map((value) => structuredClone(value));

/**
 * The events of any answer, in any order the grammar allows: text-like blocks one after the other, tool calls overlapping
 * whatever comes while they are open. `choices` decides at each step.
 */
export const anyEvents: fc.Arbitrary<ChatEvent[]> = fc
  .array(fc.record({ pick: fc.nat(), text: fc.string({ minLength: 1, maxLength: 4 }) }), { maxLength: 40 })
  .map((choices) => {
    const source = new EventSource();
    for (const { pick, text } of choices) source.step(pick, text);
    return source.close();
  });

class EventSource {
  readonly #out: ChatEvent[] = [{ type: "start", id: "a", model: "m" }];
  #next = 0;
  #text: { index: number; type: "text" | "reasoning" | "refusal" } | undefined;
  readonly #tools: number[] = [];

  step(pick: number, text: string): void {
    const tool = this.#tools[pick % Math.max(1, this.#tools.length)];
    switch (pick % 7) {
      case 0:
        return this.#openText(pick);
      case 1:
        return this.#openTool();
      case 2:
        if (tool !== undefined) this.#closeTool(tool);
        return;
      case 3:
        this.#out.push({ type: "ping" });
        return;
      case 4:
        if (tool !== undefined) this.#out.push({ type: "arguments-delta", index: tool, text });
        return;
      default:
        if (this.#text) this.#out.push({ type: `${this.#text.type}-delta`, index: this.#text.index, text });
    }
  }

  close(): ChatEvent[] {
    this.#closeText();
    for (const tool of [...this.#tools]) this.#closeTool(tool);
    this.#out.push({ type: "finish", reason: "stop" }, { type: "end" });
    return this.#out;
  }

  #openText(pick: number): void {
    this.#closeText();
    const type = (["text", "reasoning", "refusal"] as const)[pick % 3] ?? "text";
    this.#text = { index: this.#next, type };
    this.#open({ type });
  }

  #openTool(): void {
    this.#tools.push(this.#next);
    this.#open({ type: "tool-call", id: `call-${this.#next}`, name: "tool", kind: "function" });
  }

  #open(block: BlockStart): void {
    this.#out.push({ type: "block-start", index: this.#next++, block });
  }

  #closeText(): void {
    if (this.#text) this.#out.push({ type: "block-end", index: this.#text.index });
    this.#text = undefined;
  }

  #closeTool(index: number): void {
    this.#tools.splice(this.#tools.indexOf(index), 1);
    this.#out.push({ type: "block-end", index });
  }
}
