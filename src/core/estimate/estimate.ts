import type { Json } from "../json.ts";
import type { Dialect, Part } from "../part.ts";
import type { ChatRequest, Tool } from "../request.ts";
import { MediaCounter } from "./estimate-media.ts";

/**
 * Tokens a prompt will be counted as, guessed from its characters: for context meters and routing, never for billing. `target`
 * is the dialect of the provider that will read it: they count pictures, pages and words differently. Of what agents send it
 * is between 15 % below and 35 % above the count (estimate-agents.test.ts); of odd scripts within a quarter (estimate.test.ts).
 */
export function estimateTokens(request: ChatRequest, target?: Dialect): number {
  let words = 3;
  const media = new MediaCounter(target);
  for (const part of request.system) words += partTokens(part, media);
  for (const message of request.messages) {
    words += PER_MESSAGE;
    for (const part of message.parts) words += partTokens(part, media);
  }
  for (const tool of request.tools) words += toolTokens(tool);
  if (request.output?.kind === "json_schema") words += jsonTokens(request.output.schema);
  return Math.round(words * (target === "anthropic" ? CLAUDE_WORDS : 1) + media.tokens);
}

/** Claude cuts words finer than o200k, by which the rest is measured: its newer models by up to a third. */
const CLAUDE_WORDS = 1.15;
const PER_MESSAGE = 4;
const PER_TOOL = 8;

/** The tokens of a part's words; those of media are added to `media`. */
function partTokens(part: Part, media: MediaCounter): number {
  switch (part.type) {
    case "text":
    case "reasoning":
    case "refusal":
      return textTokens(part.text);
    case "image":
      media.image(part);
      return 0;
    case "document":
      if (part.source.kind === "text") return textTokens(part.source.text);
      media.document(part.source);
      return 0;
    case "audio":
      media.audio(part.data.length);
      return 0;
    case "tool-call":
      return PER_TOOL + textTokens(part.name) + textTokens(part.arguments);
    case "tool-result": {
      let tokens = PER_TOOL;
      for (const inner of part.parts) tokens += partTokens(inner, media);
      return tokens;
    }
    case "opaque":
      return jsonTokens(part.value);
  }
}

function toolTokens(tool: Tool): number {
  if (tool.kind === "hosted") return PER_TOOL + jsonTokens(tool.value);
  const parameters = tool.kind === "function" ? tool.parameters : tool.format;
  return PER_TOOL + textTokens(tool.name) + textTokens(tool.description ?? "") + jsonTokens(parameters ?? {});
}

/** What lies deeper is not counted: hostile nesting would take the whole stack. */
const MAX_DEPTH = 200;

/** A value as its JSON text would count, without making the text. */
function jsonTokens(value: Json | undefined, depth = 0): number {
  if (typeof value === "string") return textTokens(value) + 1.2;
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return 1.5;
  let tokens = 1.2;
  if (Array.isArray(value)) {
    for (const item of value) tokens += jsonTokens(item, depth + 1) + 0.4;
    return tokens;
  }
  for (const key in value) tokens += textTokens(key) + 1.2 + jsonTokens(value[key], depth + 1);
  return tokens;
}

/** Tokens of a text, rounded. */
export function estimateTextTokens(text: string): number {
  return Math.round(textTokens(text));
}

/** Longer texts are judged by samples: a scan costs a millisecond for 200,000 characters. */
const SCAN_LIMIT = 65_536;
const SAMPLES = 16;

/** Not rounded: pieces can be added up. */
export function textTokens(text: string): number {
  if (text.length <= SCAN_LIMIT) return scan(text, 0, text.length);
  const length = SCAN_LIMIT / SAMPLES;
  const step = (text.length - length) / (SAMPLES - 1);
  let tokens = 0;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const from = Math.floor(sample * step);
    tokens += scan(text, from, from + length);
  }
  return (tokens / SCAN_LIMIT) * text.length;
}

const LETTER = 0;
const DIGIT = 1;
const SPACE = 2;
const SIGN = 3;
/** Cyrillic, Greek, accented Latin, Arabic, Hebrew, Indic: words, but in more pieces. */
const WORD = 4;
const HAN = 5;
const KANA = 6;
const HANGUL = 7;
const OTHER = 8;

/** By class: tokens a run costs at least, and for each character. */
const RUN_COST = [0.7, 0.5, 0, 0.6, 0.3, 0, 0, 0.25, 0];
const CHARACTER_COST = [0.06, 0.36, 0, 0.17, 0.24, 0.7, 0.75, 0.6, 1.1];

/** Runs of one class of character, each of which a tokenizer cuts in its own way. */
function scan(text: string, from: number, to: number): number {
  let tokens = 0;
  let previous = -1;
  let run = 0;
  for (let at = from; at < to; at++) {
    const kind = classOf(text.charCodeAt(at));
    if (kind === previous) run++;
    else {
      tokens += costOf(previous, run);
      previous = kind;
      run = 1;
    }
  }
  return tokens + costOf(previous, run);
}

function costOf(kind: number, run: number): number {
  // A single space belongs to the word behind it; more are one indentation.
  if (kind === SPACE) return run === 1 ? 0.05 : 0.8 + run * 0.02;
  // Words up to about seven letters are one token; long names, hashes and base64 come in threes.
  const long = kind === LETTER && run > 7 ? (run - 7) * 0.16 : 0;
  return (RUN_COST[kind] ?? 0) + (CHARACTER_COST[kind] ?? 0) * run + long;
}

function classOf(code: number): number {
  if (code < 0x80) return classOfAscii(code);
  if (code < 0x1100) return WORD;
  if (code < 0x1200) return HANGUL;
  if (code < 0x2000) return WORD;
  if (code < 0x3000) return SIGN;
  if (code < 0x3040) return HAN;
  if (code < 0x3100) return KANA;
  if (code < 0xac00) return HAN;
  if (code < 0xd7b0) return HANGUL;
  return code >= 0xf900 && code < 0xfb00 ? HAN : OTHER;
}

function classOfAscii(code: number): number {
  const lower = code | 0x20;
  if (lower >= 0x61 && lower <= 0x7a) return LETTER;
  if (code >= 0x30 && code <= 0x39) return DIGIT;
  return code <= 0x20 ? SPACE : SIGN;
}
