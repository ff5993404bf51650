import assert from "node:assert/strict";
import { checkAnthropicStream } from "./anthropic-grammar.ts";
import { ChatGrammar, CompletionsGrammar } from "./chat-grammar.ts";
import type { ClientFormat } from "./clients/heard.ts";
import { jsonLines, runGrammar, sseFrames } from "./frames.ts";
import { checkGeminiStream } from "./gemini-grammar.ts";
import { OllamaGrammar } from "./ollama-grammar.ts";
import { checkResponsesStream } from "./responses-grammar.ts";

/** What checks a whole stream of each client's API; throws where its grammar is broken. */
const CHECKS: Record<ClientFormat, (raw: string) => void> = {
  openai: (raw) => runGrammar(new ChatGrammar(), sseFrames(raw)),
  "openai-completions": (raw) => runGrammar(new CompletionsGrammar(), sseFrames(raw)),
  "openai-responses": (raw) => void checkResponsesStream(raw),
  anthropic: (raw) => void checkAnthropicStream(raw),
  ollama: (raw) => runGrammar(new OllamaGrammar("chat"), jsonLines(raw)),
  gemini: (raw) => void checkGeminiStream(raw),
  "ollama-generate": (raw) => runGrammar(new OllamaGrammar("generate"), jsonLines(raw)),
};

/**
 * Asserts that a stream keeps the grammar of its API: legal order and indices, exactly one terminal (an error is one), and
 * nothing after it; and that its bytes are UTF-8. Says which frame breaks which rule.
 */
export function checkStream(format: ClientFormat, bytes: Uint8Array): void {
  let raw: string;
  try {
    raw = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    assert.fail(`the ${format} stream is not UTF-8: ${Buffer.from(bytes).toString()}`);
  }
  CHECKS[format](raw);
}
