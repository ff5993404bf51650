import { type Given, PLACEHOLDER_KEY, type Plan } from "./agent.ts";
import type { SdkName } from "./agent-names.ts";

/** The variables that makers' SDKs, and what is built on them, take their server and its key from. */
export function sdkPlan(name: SdkName, { base, key = PLACEHOLDER_KEY }: Pick<Given, "base" | "key">): Plan {
  switch (name) {
    case "openai":
      return planOf({ OPENAI_BASE_URL: `${base}/v1`, OPENAI_API_KEY: key });
    case "anthropic":
      // The SDKs would send this one, too.
      return planOf({ ANTHROPIC_BASE_URL: base, ANTHROPIC_API_KEY: key }, ["ANTHROPIC_AUTH_TOKEN"]);
    case "ollama":
      return planOf({ OLLAMA_HOST: base, OLLAMA_API_KEY: key });
  }
}

function planOf(set: Plan["set"], unset: readonly string[] = []): Plan {
  return { set, unset, args: [] };
}
