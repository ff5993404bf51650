/** The coding agents that can be started. */
export const AGENT_NAMES = ["claude", "codex", "copilot", "opencode", "gemini"] as const;
export type AgentName = (typeof AGENT_NAMES)[number];
