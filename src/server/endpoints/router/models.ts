import { type Models, modelsSchema } from "../../../api/routing.ts";
import type { ModelInfo } from "../../../core/model.ts";
import type { Prices } from "../../../cost/cost.ts";
import type { Rewrite } from "../../../upstream/model-list.ts";
import { modelInfo, type Provider, upstreamModel } from "../../../upstream/provider.ts";
import { type RouterRoute, sendShape } from "./describe.ts";
import type { RouterRouteParts } from "./parts.ts";

export function modelsRoute(parts: RouterRouteParts): RouterRoute {
  return {
    method: "GET",
    path: "/router/models",
    summary: "The models clients may ask for, and which providers have them.",
    answer: modelsSchema,
    endpoint: ({ res }) =>
      sendShape(res, modelsSchema, {
        models: parts.models().map((info) => modelOf(info, parts, parts.chain.rewrites())),
      }),
  };
}

type ListedModel = Models["models"][number];

function modelOf(
  info: ModelInfo,
  { fleet, pricing, clock }: RouterRouteParts,
  rewrites: readonly Rewrite[],
): ListedModel {
  const { id, capabilities, contextLength } = info;
  return {
    id,
    providers: fleet
      .all()
      .filter((provider) => has(provider, id, rewrites))
      .map((provider) => {
        const model = upstreamModel(provider, sentBy(provider, id, rewrites)?.sent ?? id);
        return { provider: provider.name, model, prices: pricesOf(pricing.pricesOf(provider, model, clock.wallMs())) };
      }),
    capabilities: capabilities ? [...capabilities] : null,
    context_window: contextLength ?? null,
  };
}

function pricesOf(prices: Prices | undefined): ListedModel["providers"][number]["prices"] {
  if (!prices) return null;
  const { input, output, cachedRead, cacheWrite, source } = prices;
  return { input, output, cached_read: cachedRead, cache_write: cacheWrite, source };
}

/** It lists it, has an alias of that name, or a rule sends it there under that name. */
function has(provider: Provider, id: string, rewrites: readonly Rewrite[]): boolean {
  if (provider.aliases.has(id) || modelInfo(provider, id) !== undefined) return true;
  return sentBy(provider, id, rewrites) !== undefined;
}

function sentBy(provider: Provider, id: string, rewrites: readonly Rewrite[]): Rewrite | undefined {
  return rewrites.find(({ providers, model }) => model === id && providers.includes(provider.name));
}
