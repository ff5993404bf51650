import type { Random } from "../../core/clock.ts";
import { estimateTokens } from "../../core/estimate/estimate.ts";
import type { BlockStart, ChatEvent } from "../../core/event.ts";
import type { ChatRequest } from "../../core/request.ts";
import { reportedUsage } from "../../core/usage.ts";
import type { CacheUse } from "./prompt-cache.ts";
import { type Script, type ScriptBlock, writeScript } from "./script.ts";
import type { SimulatedSettings } from "./settings.ts";

/** A whole answer and its timing; nothing has been sent yet. */
export type SimulatedAnswer =
  | { status: 200; stream: boolean; chunks: Chunk[] }
  | { status: number; message: string; dueMs: number };

export interface Chunk {
  /** ms after the request came. Never falls from one chunk to the next. */
  dueMs: number;
  events: ChatEvent[];
}

/** Of its prompt, by the number of its tokens, what the provider's cache had and has. */
export type ReadCache = (tokens: number) => CacheUse;

const NO_CACHE: ReadCache = () => ({ read: 0, written: 0 });

/** The same request, settings, draws and cache give the same answer. Takes three draws, whatever comes of them. */
export function simulatedAnswer(
  request: ChatRequest,
  settings: SimulatedSettings,
  random: Random,
  readCache: ReadCache = NO_CACHE,
): SimulatedAnswer {
  const [chance, which, id] = [random(), random(), random()];
  const script = writeScript(request, settings.replies);
  const drawn = chance < settings.errorRate ? settings.errors[Math.floor(which * settings.errors.length)] : undefined;
  const status = script.status ?? drawn;
  if (status !== undefined) {
    return { status, message: `the simulated provider was told to fail with ${status}`, dueMs: settings.ttftMs };
  }
  const timeline = new Timeline(settings, request.stream);
  perform(script, request, { id: hex(id), prompt: promptUsage(request, readCache) }, timeline);
  return { status: 200, stream: request.stream, chunks: timeline.chunks };
}

/** Places events on the clock: a token each `1 / tokens_per_s`, what is no token together with its neighbours. */
class Timeline {
  readonly isStream: boolean;
  readonly chunks: Chunk[];
  readonly #ttftMs: number;
  readonly #msPerToken: number;
  #tokens = 0;
  #current: Chunk;

  constructor(settings: SimulatedSettings, isStream: boolean) {
    this.isStream = isStream;
    this.#ttftMs = settings.ttftMs;
    this.#msPerToken = settings.tokensPerS === undefined ? 0 : 1000 / settings.tokensPerS;
    this.#current = { dueMs: settings.ttftMs, events: [] };
    this.chunks = [this.#current];
  }

  add(...events: ChatEvent[]): void {
    this.#current.events.push(...events);
  }

  addToken(event: ChatEvent): void {
    const dueMs = this.#nextDue(1);
    if (dueMs > this.#current.dueMs) {
      this.#current = { dueMs, events: [] };
      this.chunks.push(this.#current);
    }
    this.add(event);
  }

  /** A whole answer stays one chunk, due when its last token is. */
  addWhole(event: ChatEvent, tokens: number): void {
    this.#current.dueMs = this.#nextDue(tokens);
    this.add(event);
  }

  /** When the last of the next `tokens` is due; the very first one is at the time to the first token. */
  #nextDue(tokens: number): number {
    this.#tokens += tokens;
    return this.#ttftMs + (this.#tokens - 1) * this.#msPerToken;
  }
}

function promptUsage(request: ChatRequest, readCache: ReadCache) {
  const input = estimateTokens(request);
  const { read: cachedRead, written: cacheWrite } = readCache(input);
  return { input, cachedRead, cacheWrite };
}

function perform(
  script: Script,
  request: ChatRequest,
  { id, prompt }: { id: string; prompt: ReturnType<typeof promptUsage> },
  timeline: Timeline,
): void {
  const blocks = script.blocks.map((block) => ({ block, tokens: tokensOf(block.text) }));
  const whole = blocks.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const limit = script.ending === "end" ? (request.maxOutputTokens ?? whole) : Math.ceil(whole / 2);
  const spoken = { output: 0, reasoning: 0 };
  timeline.add({ type: "start", id: `sim-${id}`, model: request.model, usage: reportedUsage(prompt) });
  for (const [index, { block, tokens }] of blocks.entries()) {
    const kept = tokens.slice(0, limit - spoken.output);
    if (kept.length === 0 && tokens.length > 0) break;
    spoken.output += kept.length;
    if (block.type === "reasoning") spoken.reasoning += kept.length;
    timeline.add({ type: "block-start", index, block: startOf(block, `call_sim_${id}_${index}`) });
    if (timeline.isStream) for (const token of kept) timeline.addToken(deltaOf(block, index, token));
    else if (kept.length > 0) timeline.addWhole(deltaOf(block, index, kept.join("")), kept.length);
    timeline.add({ type: "block-end", index });
  }
  if (script.ending === "cut") return;
  if (script.ending === "error") {
    timeline.add({ type: "error", failure: { kind: "overloaded", message: "a simulated error, as the prompt asked" } });
    return;
  }
  const finish = limit < whole ? { reason: "length" as const } : script.finish;
  const usage = reportedUsage({ ...prompt, ...spoken });
  timeline.add({ type: "finish", ...finish }, { type: "usage", usage }, { type: "end" });
}

/** Pieces of about the size tokens have; joined they are the text. */
export function tokensOf(text: string): string[] {
  return text.match(/\s*\S{1,5}|\s+$/gu) ?? [];
}

function startOf(block: ScriptBlock, callId: string): BlockStart {
  if (block.type !== "tool-call") return { type: block.type };
  return { type: "tool-call", id: callId, name: block.name, kind: block.kind };
}

const DELTAS = {
  text: "text-delta",
  reasoning: "reasoning-delta",
  refusal: "refusal-delta",
  "tool-call": "arguments-delta",
} as const;

function deltaOf(block: ScriptBlock, index: number, text: string): ChatEvent {
  return { type: DELTAS[block.type], index, text };
}

function hex(draw: number): string {
  return Math.floor(draw * 0x1_0000_0000)
    .toString(16)
    .padStart(8, "0");
}
