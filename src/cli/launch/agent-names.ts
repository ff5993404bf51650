/** The coding agents that can be started. */
export const AGENT_NAMES = ["claude", "codex", "copilot", "opencode", "gemini"] as const;
export type AgentName = (typeof AGENT_NAMES)[number];

/** For programs of one's own: whose SDK. Google's is set by what Gemini CLI is set by. */
export const SDK_NAMES = ["openai", "anthropic", "ollama"] as const;
export type SdkName = (typeof SDK_NAMES)[number];
