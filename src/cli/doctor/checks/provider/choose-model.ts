import type { ModelInfo } from "../../../../core/model.ts";
import { modelInfo, type Provider, upstreamModel } from "../../../../upstream/provider.ts";
import type { ProviderTools } from "./tools.ts";

/** Models that answer no chat, by their names. */
const NO_CHAT =
  /embed|rerank|whisper|tts|audio|realtime|transcri|speech|image|dall-e|imagen|veo|sora|moderation|guard|^bge-|babbage|davinci|ocr|-search|deep-research|computer-use/i;
/** Names of small models, where no price and no size tells. */
const SMALL = /nano|mini|lite|small|flash|haiku|tiny|instant|(?<![\d.])[1-9](?:\.\d)?b\b/i;
const MOST = 3;

/**
 * The models to try, the first that answers is the one: those the config names, since they are what clients get, else what the
 * provider lists; the cheapest first, as far as that is known.
 */
export function modelsToTry(
  provider: Provider,
  { chain, pricing, model }: Pick<ProviderTools, "chain" | "pricing" | "model">,
): string[] {
  if (model !== undefined) return [model];
  const sent = chain.rewrites().filter(({ providers }) => providers.includes(provider.name));
  const fallbacks = chain.rules.flatMap(({ fallbacks = [] }) =>
    fallbacks.filter(({ provider: to }) => to === provider.name),
  );
  const named = [...provider.aliases.keys(), ...[...sent, ...fallbacks].flatMap((one) => one.model ?? [])];
  const configured = named.filter((name) => canChat(upstreamModel(provider, name), modelInfo(provider, name)));
  const listed = [...provider.models.values()].filter((info) => canChat(info.id, info)).map(({ id }) => id);
  const known = configured.filter((name) => provider.models.size === 0 || modelInfo(provider, name) !== undefined);
  const price = (name: string) => priceOf(provider, name, pricing);
  const byPrice = (names: readonly string[]) => [...new Set(names)].toSorted((one, other) => price(one) - price(other));
  return [...new Set([...byPrice(known), ...byPrice(configured), ...byPrice(listed)])].slice(0, MOST);
}

function canChat(name: string, info: ModelInfo | undefined): boolean {
  const { capabilities } = info ?? {};
  if (capabilities?.has("completion")) return true;
  return !capabilities?.has("embedding") && !NO_CHAT.test(name);
}

/** In whatever unit there is: what is known comes before what is guessed by the name. */
function priceOf(provider: Provider, name: string, pricing: ProviderTools["pricing"]): number {
  const prices = pricing.pricesOf(provider, upstreamModel(provider, name), Date.now());
  if (prices) return prices.input + 4 * prices.output;
  const size = modelInfo(provider, name)?.sizeBytes;
  if (size !== undefined) return 1e6 + size / 1e6;
  return SMALL.test(name) ? 1e12 : 1e13;
}
