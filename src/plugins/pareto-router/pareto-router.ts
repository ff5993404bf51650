import { z } from "zod";
import { didYouMean } from "../../config/nearest.ts";
import type { Problem } from "../../config/problem.ts";
import type { ChatRequest } from "../../core/request.ts";
import { definePlugin } from "../define.ts";

const DEFAULT_TIER = "medium";

const entrySchema = z.union([
  z.string().min(1),
  z.strictObject({
    provider: z.string().min(1).describe("The provider to ask."),
    model: z.string().min(1).optional().describe("The model to ask it for; omitted: the client's."),
  }),
]);

/** Sends a request to the providers of a tier, in order; the request says which tier. */
export const paretoRouter = definePlugin({
  name: "pareto-router",
  schema: z.strictObject({
    default_tier: z.string().min(1).default(DEFAULT_TIER).describe("The tier of requests that pick none."),
    tiers: z
      .record(z.string().min(1), z.array(entrySchema).min(1))
      .default({})
      .describe("Tier = providers, in the order in which they are tried: names, or `{ provider, model }`."),
  }),
  requestSchema: z.object({ tier: z.string().min(1) }),
  // A client that could name providers would get round every rule.
  ownerOnly: ["tiers"],
  providerPaths: [
    ["tiers", "*", "*"],
    ["tiers", "*", "*", "provider"],
  ],
  check: ({ default_tier, tiers }) => problemsWith(default_tier, Object.keys(tiers)),
  create: () => ({
    // Before the others ask where the request may go.
    on_start(exchange) {
      const { tier, default_tier, tiers } = exchange.settings;
      const picked = tier ?? default_tier;
      if (!Object.hasOwn(tiers, picked)) {
        // A default that is no tier: those that pick none go by the rules, as the checker warned.
        if (tier === undefined && picked === DEFAULT_TIER) return "continue";
        const param = paramOf(exchange.request, tier === undefined ? "default_tier" : "tier");
        return exchange.refuse(unknownTier(picked, Object.keys(tiers)), param);
      }
      exchange.forcedProvider = tiers[picked]?.map((entry) =>
        typeof entry === "string" ? { provider: entry } : entry,
      );
      return "modified";
    },
  }),
});

function problemsWith(byDefault: string, names: readonly string[]): Problem[] {
  if (names.length === 0) {
    return [{ severity: "warning", path: [], message: "has no tiers: it sends nothing anywhere" }];
  }
  if (names.includes(byDefault)) return [];
  const path = ["default_tier"];
  if (byDefault !== DEFAULT_TIER) return [{ severity: "error", path, message: unknownTier(byDefault, names) }];
  const message = `there is no tier ${JSON.stringify(byDefault)}: requests that pick none go by the rules`;
  return [{ severity: "warning", path, message }];
}

function unknownTier(wrong: string, names: readonly string[]): string {
  const shown = JSON.stringify(wrong.length > 100 ? `${wrong.slice(0, 100)}…` : wrong);
  if (names.length === 0) return `no tier is named ${shown}: the config of the router has none`;
  const list = names.map((name) => JSON.stringify(name)).join(", ");
  return `no tier is named ${shown}; there are: ${list}${didYouMean(wrong.slice(0, 100), names)}`;
}

/** Where the client wrote it. */
function paramOf({ plugins }: ChatRequest, key: string): string {
  return `plugins[${plugins.findLastIndex(({ id }) => id === "pareto-router")}].${key}`;
}
