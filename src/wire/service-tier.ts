import { type JsonObject, setOwn } from "../core/json.ts";
import type { Dialect } from "../core/part.ts";
import type { ChatRequest } from "../core/request.ts";

/** Field of each API → what its values are in OpenAI's words. What is not here means nothing to others. */
const TIERS: Readonly<Partial<Record<Dialect, Readonly<Record<string, ReadonlyMap<unknown, string>>>>>> = {
  anthropic: {
    speed: new Map([["fast", "fast"]]),
    service_tier: new Map([["standard_only", "default"]]),
  },
  gemini: {
    serviceTier: new Map([
      ["flex", "flex"],
      ["priority", "priority"],
      ["SERVICE_TIER_FLEX", "flex"],
      ["SERVICE_TIER_PRIORITY", "priority"],
    ]),
  },
};

const OPENAI_TIERS = ["auto", "default", "flex", "priority", "scale", "fast", "ultrafast"];
const OPENAIS: Readonly<Record<string, ReadonlyMap<unknown, string>>> = {
  service_tier: new Map(OPENAI_TIERS.map((tier) => [tier, tier])),
};

/** How fast, and at which price, the client wants to be served: in OpenAI's words. */
export function tierOf({ dialect, extra }: ChatRequest): string | undefined {
  for (const [field, tiers] of Object.entries(fieldsOf(dialect))) {
    const tier = tiers.get(extra[field]);
    if (tier !== undefined) return tier;
  }
  return undefined;
}

/** The fields only the client's API has, without those that say the tier: it went to the provider in its own words. */
export function withoutTier(request: ChatRequest): ChatRequest {
  const fields = fieldsOf(request.dialect);
  const extra: JsonObject = {};
  for (const [field, value] of Object.entries(request.extra))
    if (!Object.hasOwn(fields, field)) setOwn(extra, field, value);
  return { ...request, extra };
}

function fieldsOf(dialect: Dialect): Readonly<Record<string, ReadonlyMap<unknown, string>>> {
  return TIERS[dialect] ?? (dialect.startsWith("openai") ? OPENAIS : {});
}
