import { estimateTextTokens, estimateTokens } from "../core/estimate/estimate.ts";
import type { Dialect, Part } from "../core/part.ts";
import type { ChatRequest } from "../core/request.ts";
import type { ChatResponse } from "../core/response.ts";
import type { Usage } from "../core/usage.ts";

/** Of text that was not kept. */
const CHARS_PER_TOKEN = 4;

/** Counted by the router, because the provider did not say; marked so. */
export function estimateUsage(request: ChatRequest, response: ChatResponse, target?: Dialect): Usage {
  const reasoning = tokensOf(response.parts.filter((part) => part.type === "reasoning"));
  return {
    input: estimateTokens(request, target),
    output: tokensOf(response.parts) + Math.round((response.omitted ?? 0) / CHARS_PER_TOKEN),
    cachedRead: 0,
    cacheWrite: 0,
    cacheWriteLong: 0,
    reasoning,
    reported: false,
  };
}

function tokensOf(parts: readonly Part[]): number {
  let tokens = 0;
  for (const part of parts) {
    if (part.type === "text" || part.type === "refusal" || part.type === "reasoning")
      tokens += estimateTextTokens(part.text);
    else if (part.type === "tool-call") tokens += estimateTextTokens(part.arguments) + 8;
  }
  return tokens;
}
