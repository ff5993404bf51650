import type { BlockStart, ChatEvent, Finish } from "./event.ts";
import type { Failure } from "./failure.ts";
import type { OpaqueState, Part, TextPart, TokenLogprob } from "./part.ts";
import type { Usage } from "./usage.ts";

/** What the events of an answer add up to. */
export interface ChatResponse {
  id: string;
  /** The model as the provider named it. */
  model: string;
  /** In order of opening: text, reasoning, refusal, tool-call and opaque parts. */
  parts: Part[];
  finish: Finish;
  usage?: Usage;
  /** So many characters at the end were not kept: the parts are the beginning of the answer. */
  omitted?: number;
}

/** What an event costs in memory besides its text, in characters. */
const EVENT_COST = 32;

/** How far each block of an answer has come; `[]`: not begun. */
export type SaidMark = number[];

/** A piece of an answer that is still being given. */
export interface Said {
  text: string;
  reasoning: string;
  /** Of tool calls, the JSON as far as it came. */
  arguments: string;
  /** The tool that is being called. */
  tool?: string;
}

/** Builds a `ChatResponse` from events; the only reducer there is, for streams and whole bodies alike. */
export class ResponseBuilder {
  /** Set by an `error` event; the response then holds what came before it. */
  failure: Failure | undefined;
  /** True once the answer began. */
  started = false;
  /** True once `end` or `error` was seen. */
  closed = false;
  /** True once a tool call was opened. */
  sawToolCall = false;
  /** True once a block had state that only its provider can read. */
  sawState = false;
  usage: Usage | undefined;
  /** Characters that were not kept. */
  omitted = 0;
  /** For so many more characters, and what their events cost. */
  #room = Number.POSITIVE_INFINITY;
  #id = "";
  #model = "";
  #finish: Finish | undefined;
  #whole: ChatResponse | undefined;
  readonly #blocks = new Map<number, OpenBlock>();

  add(event: ChatEvent): void {
    switch (event.type) {
      case "start":
        this.started = true;
        this.#id = event.id;
        this.#model = event.model;
        if (event.usage) this.usage = event.usage;
        return;
      case "block-start":
        if (event.block.type === "tool-call") this.sawToolCall = true;
        if (this.#keeps(0, event.block)) this.#blocks.set(event.index, { start: event.block, chunks: [] });
        return;
      case "text-delta":
        if (!this.#keeps(event.text.length, event.logprobs)) return;
        return addText(this.#blocks.get(event.index), event.text, event.logprobs);
      case "reasoning-delta":
      case "refusal-delta":
      case "arguments-delta":
        if (this.#keeps(event.text.length)) this.#blocks.get(event.index)?.chunks.push(event.text);
        return;
      case "citation": {
        const block = this.#keeps(0, event.citation) ? this.#blocks.get(event.index) : undefined;
        if (block?.citations) block.citations.push(event.citation);
        else if (block) block.citations = [event.citation];
        return;
      }
      case "block-end": {
        const block = this.#blocks.get(event.index);
        if (!block) return;
        block.ended = true;
        if (!event.state || !this.#keeps(0, event.state)) return;
        block.state = event.state;
        this.sawState = true;
        return;
      }
      case "opaque":
        if (this.#keeps(0, event.part)) this.#blocks.set(event.index, { whole: event.part, chunks: [] });
        return;
      case "finish":
        this.#finish = finishOf(event);
        return;
      case "usage":
        this.usage = event.usage;
        return;
      case "error":
        this.failure = event.failure;
        this.closed = true;
        return;
      case "end":
        this.closed = true;
        return;
      case "ping":
        return;
    }
  }

  /** The model as the provider named it; `""` before it did. */
  get model(): string {
    return this.#model;
  }

  /** Keeps no more than about so many characters: what an answer says after that is counted in `omitted`, and forgotten. */
  keepAtMost(characters: number): void {
    this.#room = characters;
  }

  #keeps(characters: number, more?: object): boolean {
    if (this.#room === Number.POSITIVE_INFINITY) return true;
    this.#room -= EVENT_COST + characters + (more ? sizeOf(more) : 0);
    if (this.#room >= 0) return true;
    this.omitted += characters;
    return false;
  }

  /** True once the model said why it stopped. */
  get finished(): boolean {
    return this.#finish !== undefined;
  }

  /** Where the answer stands: the next index, and the block that is open, with the length of its text. */
  place(): Place {
    const place: Place = { next: this.#blocks.size };
    for (const [index, block] of this.#blocks) {
      if (block.start && !block.ended) place.open = { index, length: partLength(block.chunks) };
    }
    return place;
  }

  /** What was said since the answer had come to `mark`, which is moved on. */
  saidSince(mark: SaidMark): Said {
    const said: Said = { text: "", reasoning: "", arguments: "" };
    let at = 0;
    for (const { start, chunks } of this.#blocks.values()) {
      const before = mark[at] ?? 0;
      mark[at++] = chunks.length;
      if (chunks.length === before) continue;
      const more = before === 0 ? chunks.join("") : chunks.slice(before).join("");
      if (start?.type === "reasoning") said.reasoning += more;
      else if (start?.type !== "tool-call") said.text += more;
      else {
        said.arguments += more;
        said.tool = start.name;
      }
    }
    return said;
  }

  /** The response so far; once the answer is closed, always the same object. */
  response(): ChatResponse {
    if (!this.closed) return this.#build();
    this.#whole ??= this.#build();
    return this.#whole;
  }

  #build(): ChatResponse {
    const parts: Part[] = [];
    for (const block of this.#blocks.values()) parts.push(partOf(block));
    const finish = this.#finish ?? { reason: this.sawToolCall ? ("tool_calls" as const) : ("stop" as const) };
    const response: ChatResponse = { id: this.#id, model: this.#model, parts, finish };
    if (this.usage) response.usage = this.usage;
    if (this.#room < 0) response.omitted = this.omitted;
    return response;
  }
}

/** How far an answer has come. */
export interface Place {
  next: number;
  open?: { index: number; length: number };
}

interface OpenBlock {
  start?: BlockStart;
  ended?: true;
  whole?: Part;
  chunks: string[];
  citations?: NonNullable<Extract<Part, { type: "text" }>["citations"]>;
  logprobs?: TokenLogprob[];
  state?: OpaqueState;
}

function addText(block: OpenBlock | undefined, text: string, logprobs: TokenLogprob[] | undefined): void {
  if (!block) return;
  block.chunks.push(text);
  if (!logprobs) return;
  block.logprobs ??= [];
  for (const token of logprobs) block.logprobs.push(token);
}

function partLength(chunks: readonly string[]): number {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  return length;
}

/** About what a value costs in memory, in characters. */
function sizeOf(value: object): number {
  let size = 0;
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === "string") size += next.length;
    else if (typeof next === "object" && next !== null) for (const inner of Object.values(next)) waiting.push(inner);
    size += 16;
  }
  return size;
}

function finishOf({ type: _type, ...finish }: Extract<ChatEvent, { type: "finish" }>): Finish {
  return finish;
}

function partOf(block: OpenBlock): Part {
  const { start } = block;
  const text = block.chunks.length === 1 ? (block.chunks[0] ?? "") : block.chunks.join("");
  if (block.whole) return block.whole;
  switch (start?.type) {
    case "tool-call":
      return {
        type: "tool-call",
        id: start.id,
        name: start.name,
        arguments: text,
        kind: start.kind,
        ...(block.state && { state: block.state }),
      };
    case "reasoning":
      return {
        type: "reasoning",
        text,
        ...(block.state && { state: block.state }),
        ...(start.summary && { summary: true }),
        ...(start.id !== undefined && { id: start.id }),
      };
    case "refusal":
      return { type: "refusal", text };
    default:
      return {
        type: "text",
        text,
        ...(block.citations && { citations: block.citations }),
        ...(block.logprobs && { logprobs: block.logprobs }),
      };
  }
}

/** Adds up a list of events. */
export function reduceEvents(events: Iterable<ChatEvent>): ResponseBuilder {
  const builder = new ResponseBuilder();
  for (const event of events) builder.add(event);
  return builder;
}

/** The events of a whole response, closed by `end`: how a gathered or plugin-made answer is streamed. */
export function eventsOf(response: ChatResponse): ChatEvent[] {
  const events: ChatEvent[] = [{ type: "start", id: response.id, model: response.model }];
  let index = 0;
  for (const part of response.parts) {
    // Images, documents, audio and tool results are never part of an answer the vocabulary can hold.
    if (isAnswerPart(part)) pushPart(events, part, index++);
  }
  events.push({ type: "finish", ...response.finish });
  if (response.usage) events.push({ type: "usage", usage: response.usage });
  events.push({ type: "end" });
  return events;
}

/**
 * The events that tell an answer of text as far as it has come: the block that is open stays so, nothing is finished. For whoever
 * has to go on telling it.
 */
export function eventsSoFar(answer: ResponseBuilder): ChatEvent[] {
  if (!answer.started) return [];
  const events = eventsOf(answer.response());
  const begun = events.slice(
    0,
    events.findIndex(({ type }) => type === "finish"),
  );
  if (answer.place().open) begun.pop();
  return begun;
}

type AnswerPart = Extract<Part, { type: "text" | "reasoning" | "refusal" | "tool-call" | "opaque" }>;

function isAnswerPart(part: Part): part is AnswerPart {
  return ["text", "reasoning", "refusal", "tool-call", "opaque"].includes(part.type);
}

function textDelta({ text, logprobs }: TextPart, index: number): ChatEvent {
  return { type: "text-delta", index, text, ...(logprobs && { logprobs }) };
}

function pushPart(events: ChatEvent[], part: AnswerPart, index: number): void {
  switch (part.type) {
    case "text":
      events.push({ type: "block-start", index, block: { type: "text" } });
      if (part.text !== "" || part.logprobs) events.push(textDelta(part, index));
      for (const citation of part.citations ?? []) events.push({ type: "citation", index, citation });
      events.push({ type: "block-end", index });
      return;
    case "reasoning":
      events.push({
        type: "block-start",
        index,
        block: {
          type: "reasoning",
          ...(part.id !== undefined && { id: part.id }),
          ...(part.summary && { summary: true }),
        },
      });
      if (part.text !== "") events.push({ type: "reasoning-delta", index, text: part.text });
      events.push(part.state ? { type: "block-end", index, state: part.state } : { type: "block-end", index });
      return;
    case "refusal":
      events.push({ type: "block-start", index, block: { type: "refusal" } });
      if (part.text !== "") events.push({ type: "refusal-delta", index, text: part.text });
      events.push({ type: "block-end", index });
      return;
    case "tool-call":
      events.push({
        type: "block-start",
        index,
        block: { type: "tool-call", id: part.id, name: part.name, kind: part.kind },
      });
      if (part.arguments !== "") events.push({ type: "arguments-delta", index, text: part.arguments });
      events.push(part.state ? { type: "block-end", index, state: part.state } : { type: "block-end", index });
      return;
    case "opaque":
      events.push({ type: "opaque", index, part });
      return;
  }
}
