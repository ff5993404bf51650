import type { ChatEvent } from "../../core/event.ts";
import type { Citation, OpaquePart } from "../../core/part.ts";
import type { AnswerTransform } from "../plugin.ts";
import { mapJson } from "./json.ts";
import type { Replacements } from "./replacements.ts";
import { restore, TextRestorer } from "./restore.ts";

export interface AnswerFacts {
  /** The answer's text is JSON: the client asked for it. */
  jsonText: boolean;
  /** The target may sign its reasoning, which then has to stay as it was signed. */
  signsReasoning: boolean;
}

type TextDelta = Extract<ChatEvent, { type: "text-delta" | "reasoning-delta" | "refusal-delta" | "arguments-delta" }>;

interface OpenBlock {
  delta: TextDelta["type"];
  restorer: TextRestorer;
}

/** Puts the values back into an answer while it comes. */
export class AnswerRestorer implements AnswerTransform {
  readonly #replacements: Replacements;
  readonly #facts: AnswerFacts;
  readonly #open = new Map<number, OpenBlock>();

  constructor(replacements: Replacements, facts: AnswerFacts) {
    this.#replacements = replacements;
    this.#facts = facts;
  }

  event(event: ChatEvent): readonly ChatEvent[] {
    switch (event.type) {
      case "block-start":
        this.#opened(event);
        return [event];
      case "text-delta":
      case "reasoning-delta":
      case "refusal-delta":
      case "arguments-delta":
        return this.#delta(event);
      case "citation":
        return [{ ...event, citation: this.#citation(event.citation, event.index) }];
      case "block-end": {
        const rest = this.#rest(event.index);
        this.#open.delete(event.index);
        return [...rest, event];
      }
      case "opaque":
        return [{ ...event, part: this.#opaque(event.part) }];
      case "finish":
        return [...this.flush(), this.#finish(event)];
      default:
        return [event];
    }
  }

  flush(): readonly ChatEvent[] {
    return [...this.#open.keys()].flatMap((index) => this.#rest(index));
  }

  #opened({ index, block }: Extract<ChatEvent, { type: "block-start" }>): void {
    const open = (delta: TextDelta["type"], asJson = false) =>
      this.#open.set(index, { delta, restorer: new TextRestorer(this.#replacements, { asJson }) });
    if (block.type === "text") open("text-delta", this.#facts.jsonText);
    else if (block.type === "refusal") open("refusal-delta");
    else if (block.type === "tool-call") open("arguments-delta", block.kind === "function");
    else if (!this.#facts.signsReasoning) open("reasoning-delta");
  }

  #delta(event: TextDelta): ChatEvent[] {
    const block = this.#open.get(event.index);
    if (!block || block.delta !== event.type) return [event];
    const text = block.restorer.push(event.text);
    const isEmpty = text === "" && event.text !== "" && !("logprobs" in event);
    return isEmpty ? [] : [{ ...event, text }];
  }

  #rest(index: number): ChatEvent[] {
    const block = this.#open.get(index);
    const text = block?.restorer.flush() ?? "";
    return block && text !== "" ? [{ type: block.delta, index, text }] : [];
  }

  /** Places are told in the text as the provider wrote it. */
  #citation({ url, title, citedText, start, end, raw }: Citation, index: number): Citation {
    const shifts = this.#open.get(index)?.restorer.shifts;
    return {
      ...(url !== undefined && { url: this.#whole(url) }),
      ...(title !== undefined && { title: this.#whole(title) }),
      ...(citedText !== undefined && { citedText: this.#whole(citedText) }),
      ...(start !== undefined && { start: shifts?.place(start, "start") ?? start }),
      ...(end !== undefined && { end: shifts?.place(end, "end") ?? end }),
      ...(raw && { raw: { ...raw, value: mapJson(raw.value, (text) => this.#whole(text)) } }),
    };
  }

  #finish(event: Extract<ChatEvent, { type: "finish" }>): ChatEvent {
    const { stopSequence, refusal } = event;
    const explanation = refusal?.explanation;
    return {
      ...event,
      ...(stopSequence !== undefined && { stopSequence: this.#whole(stopSequence) }),
      ...(refusal && explanation !== undefined && { refusal: { ...refusal, explanation: this.#whole(explanation) } }),
    };
  }

  #opaque({ value, search, ...part }: OpaquePart): OpaquePart {
    const whole = (text: string) => this.#whole(text);
    const queries = search?.queries.map(whole) ?? [];
    const results = search?.results.map(({ url, title }) => ({ url: whole(url), title: whole(title) })) ?? [];
    return { ...part, value: mapJson(value, whole), ...(search && { search: { ...search, queries, results } }) };
  }

  #whole(text: string): string {
    return restore(text, this.#replacements);
  }
}
