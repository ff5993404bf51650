/** Of a context window so many tokens are left for the answer, where an agent wants to be told. */
export function answerTokens(contextWindow: number): number {
  return Math.min(32_000, Math.floor(contextWindow / 4));
}
