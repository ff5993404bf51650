import { type Agent, type Given, PLACEHOLDER_KEY, type Plan } from "../agent.ts";

/** All that stand for some model: the main one, those that sub-agents and small jobs name, and what older versions read. */
const MODEL_VARIABLES = [
  "ANTHROPIC_MODEL",
  "ANTHROPIC_DEFAULT_OPUS_MODEL",
  "ANTHROPIC_DEFAULT_SONNET_MODEL",
  "ANTHROPIC_DEFAULT_HAIKU_MODEL",
  "ANTHROPIC_SMALL_FAST_MODEL",
];

/** Keys that would be sent besides ours, and clouds it would go to instead. */
const ELSEWHERE = [
  "ANTHROPIC_API_KEY",
  "CLAUDE_CODE_OAUTH_TOKEN",
  "CLAUDE_CODE_USE_BEDROCK",
  "CLAUDE_CODE_USE_VERTEX",
  "CLAUDE_CODE_USE_FOUNDRY",
  "CLAUDE_CODE_USE_MANTLE",
  "CLAUDE_CODE_USE_GATEWAY",
  "CLAUDE_CODE_USE_ANTHROPIC_AWS",
  "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
];

export const claude: Agent = {
  name: "claude",
  title: "Claude Code",
  command: "claude",
  npm: "@anthropic-ai/claude-code",
  ownModels: { pattern: /^claude/i, example: "claude-sonnet-5" },
  needsModel: false,
  modelVariable: "ANTHROPIC_MODEL",
  plan: ({ base, key, model }: Given): Plan => ({
    set: {
      ANTHROPIC_BASE_URL: base,
      ANTHROPIC_AUTH_TOKEN: key ?? PLACEHOLDER_KEY,
      // Its settings files may name another server and other keys, and they win over variables, unless this is set.
      CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST: "1",
      ...(model && Object.fromEntries(MODEL_VARIABLES.map((name) => [name, model.name]))),
      // It takes a window of a million tokens for granted of names it does not know, and would not make room in time.
      ...(model?.contextWindow !== undefined && { CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(model.contextWindow) }),
    },
    unset: ELSEWHERE,
    args: [],
  }),
};
