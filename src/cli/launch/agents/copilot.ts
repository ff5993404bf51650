import type { Agent, Given, Plan } from "../agent.ts";
import { answerTokens } from "../answer-tokens.ts";

/** They belong to another provider. The key is among them when the router has none. */
const ELSEWHERE = [
  "COPILOT_PROVIDER_API_KEY",
  "COPILOT_PROVIDER_API_KEY_COMMAND",
  "COPILOT_PROVIDER_BEARER_TOKEN",
  "COPILOT_PROVIDER_HEADERS",
  "COPILOT_PROVIDER_MODEL_ID",
  "COPILOT_PROVIDER_WIRE_MODEL",
  // The router speaks no WebSocket.
  "COPILOT_PROVIDER_TRANSPORT",
];

export const copilot: Agent = {
  name: "copilot",
  title: "GitHub Copilot CLI",
  command: "copilot",
  npm: "@github/copilot",
  ownModels: { pattern: /^(gpt-|claude)/i, example: "gpt-5.5" },
  needsModel: true,
  modelVariable: "COPILOT_MODEL",
  plan({ base, key, model, env }: Given): Plan {
    // Of the APIs it speaks the user may have chosen another (COPILOT_PROVIDER_WIRE_API stays, too).
    const isAnthropic = env["COPILOT_PROVIDER_TYPE"] === "anthropic";
    const window = model?.contextWindow;
    const set = {
      COPILOT_PROVIDER_BASE_URL: isAnthropic ? base : `${base}/v1`,
      COPILOT_PROVIDER_TYPE: isAnthropic ? "anthropic" : "openai",
      ...(key !== undefined && { COPILOT_PROVIDER_API_KEY: key }),
      ...(model && { COPILOT_MODEL: model.name }),
      ...(window !== undefined && { COPILOT_PROVIDER_MAX_PROMPT_TOKENS: String(window - answerTokens(window)) }),
    };
    return { set, unset: ELSEWHERE.filter((name) => !Object.hasOwn(set, name)), args: [] };
  },
};
