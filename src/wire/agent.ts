import type { Headers } from "./format.ts";

/** User-agents by their beginning, where the name people use is another than the one before the first `/`. */
const NAMES: readonly [RegExp, string][] = [
  [/^claude-cli\//i, "claude-code"],
  [/^(codex_cli_rs|codex_exec|codex-tui|codex)\b/i, "codex"],
  [/^(GitHubCopilot|copilot)/i, "copilot"],
  [/^opencode\b/i, "opencode"],
  [/^(GeminiCLI|gemini-cli)\b/i, "gemini-cli"],
  [/^OpenAI\//i, "openai-sdk"],
  [/^(Async)?Anthropic\//i, "anthropic-sdk"],
  [/^google-genai-sdk\b/i, "google-genai-sdk"],
];
const MAX_CHARS = 40;

/** The program that asks, as its user-agent names it; undefined when it does not say. */
export function agentIn(headers: Headers): string | undefined {
  const agent = headers["user-agent"];
  if (typeof agent !== "string" || agent === "") return undefined;
  const known = NAMES.find(([pattern]) => pattern.test(agent));
  return known?.[1] ?? (/^[^\s/(]+/.exec(agent)?.[0].slice(0, MAX_CHARS).toLowerCase() || undefined);
}
