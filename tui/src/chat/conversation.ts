import type { JsonObject } from "../../../src/core/json.ts";
import type { CompleteEvent } from "../../../src/record/events.ts";
import type { ChatPiece, ChatRequest } from "../../../src/remote/chat.ts";

/** One thing in the chat. Never changed in place: what looks the same is the same object. */
export type Entry = UserEntry | AnswerEntry | NoteEntry;

interface UserEntry {
  readonly kind: "user";
  readonly text: string;
}

/** Said by the TUI itself. */
export interface NoteEntry {
  readonly kind: "note";
  readonly text: string;
  readonly isError: boolean;
}

export interface AnswerEntry {
  readonly kind: "answer";
  readonly text: string;
  readonly reasoning: string;
  readonly state: "running" | "done" | "cancelled" | "failed";
  readonly error: string | undefined;
  readonly startedMs: number;
  readonly ms: number | undefined;
  /** Of the exchange in the feed. */
  readonly exchange: string | undefined;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly tags: readonly string[];
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** US dollars; null: the price is not known. Undefined until the feed has told. */
  readonly costUsd: number | null | undefined;
  /** Why it ended, where that is worth a word. */
  readonly reason: string | undefined;
}

export type Ask = (request: ChatRequest, signal: AbortSignal) => AsyncIterable<ChatPiece>;

interface Parts {
  readonly ask: Ask;
  readonly now: () => number;
  readonly changed: () => void;
}

const MAX_ENTRIES = 400;
/** An answer longer than that is only shown to there: nobody scrolls through it here. */
const MAX_CHARS = 400_000;

/** A conversation with one model after another through the router. */
export class Conversation {
  entries: readonly Entry[] = [];
  model: string;
  system = "";
  readonly plugins = new Map<string, JsonObject>();
  readonly #parts: Parts;
  #running: AbortController | undefined;

  constructor(model: string, parts: Parts) {
    this.model = model;
    this.#parts = parts;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  note(text: string, isError = false): void {
    this.#push({ kind: "note", text, isError });
  }

  clear(): void {
    this.cancel();
    this.entries = [];
    this.#parts.changed();
  }

  /** Stops the answer that is being given. */
  cancel(): void {
    this.#running?.abort();
    this.#running = undefined;
  }

  /** Asks, and follows the answer to its end; an answer still running is stopped. */
  async send(text: string): Promise<void> {
    this.cancel();
    const control = new AbortController();
    this.#running = control;
    const { signal } = control;
    const messages = [...this.#said(), { role: "user" as const, content: text }];
    this.#push({ kind: "user", text });
    let answer = this.#begin();
    const update = (change: Partial<AnswerEntry>) => {
      const next = { ...answer, ...change };
      this.entries = this.entries.map((entry) => (entry === answer ? next : entry));
      answer = next;
      this.#parts.changed();
    };
    const end = (state: AnswerEntry["state"], error?: string) => {
      if (this.#running === control) this.#running = undefined;
      update({ state, error, ms: this.#parts.now() - answer.startedMs });
    };
    try {
      for await (const piece of this.#parts.ask(this.#request(messages), signal)) {
        if (signal.aborted) break;
        update(changeOf(answer, piece));
      }
      end(signal.aborted ? "cancelled" : "done");
    } catch (cause) {
      if (signal.aborted) end("cancelled");
      else end("failed", cause instanceof Error ? cause.message : String(cause));
    }
  }

  /** What the feed tells of an exchange that was an answer here. */
  completed({ id, usage, cost, tags, response, provider, sent_model: model }: CompleteEvent): void {
    if (!this.entries.some((entry) => entry.kind === "answer" && entry.exchange === id)) return;
    this.entries = this.entries.map((entry) => {
      if (entry.kind !== "answer" || entry.exchange !== id) return entry;
      return {
        ...entry,
        provider: provider ?? entry.provider,
        model: model ?? entry.model,
        tags: [...tags, ...(response?.tags ?? [])],
        inputTokens: usage?.input_tokens ?? entry.inputTokens,
        outputTokens: usage?.output_tokens ?? entry.outputTokens,
        costUsd: cost.source === "none" ? undefined : cost.usd,
      };
    });
    this.#parts.changed();
  }

  #request(messages: ChatRequest["messages"]): ChatRequest {
    const system = this.system === "" ? [] : [{ role: "system" as const, content: this.system }];
    const plugins = [...this.plugins].map(([id, settings]) => ({ ...settings, id }));
    return { model: this.model, messages: [...system, ...messages], ...(plugins.length > 0 && { plugins }) };
  }

  /** Questions that were answered, with their answers: one without would be asked a second time. */
  #said(): ChatRequest["messages"] {
    return this.entries.flatMap((entry, index) => {
      if (entry.kind !== "answer" || entry.text === "" || entry.state === "failed") return [];
      const asked = this.entries.slice(0, index).findLast((one) => one.kind === "user");
      if (asked === undefined) return [];
      return [
        { role: "user" as const, content: asked.text },
        { role: "assistant" as const, content: entry.text },
      ];
    });
  }

  #begin(): AnswerEntry {
    const answer: AnswerEntry = {
      kind: "answer",
      text: "",
      reasoning: "",
      state: "running",
      error: undefined,
      startedMs: this.#parts.now(),
      ms: undefined,
      exchange: undefined,
      provider: undefined,
      model: undefined,
      tags: [],
      inputTokens: undefined,
      outputTokens: undefined,
      costUsd: undefined,
      reason: undefined,
    };
    this.#push(answer);
    return answer;
  }

  #push(entry: Entry): void {
    this.entries = [...this.entries, entry].slice(-MAX_ENTRIES);
    this.#parts.changed();
  }
}

function changeOf({ text, reasoning }: AnswerEntry, piece: ChatPiece): Partial<AnswerEntry> {
  switch (piece.type) {
    case "head":
      return { exchange: piece.id, provider: piece.provider, model: piece.model, tags: piece.tags };
    case "text":
      return { text: (text + piece.text).slice(0, MAX_CHARS) };
    case "reasoning":
      return { reasoning: (reasoning + piece.text).slice(-MAX_CHARS) };
    case "usage":
      return { inputTokens: piece.inputTokens, outputTokens: piece.outputTokens };
    case "end":
      return piece.reason === "length" ? { reason: "cut at the output limit" } : {};
  }
}
