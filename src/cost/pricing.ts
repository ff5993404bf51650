import type { PricesConfig, ProviderConfig } from "../config/config.ts";
import type { Log } from "../core/log.ts";
import { NO_USAGE, type Usage } from "../core/usage.ts";
import { Catalogue } from "./catalogue.ts";
import { type Cost, costOf, type Prices, UNKNOWN_COST } from "./cost.ts";

/** Whose prices they are: what is to be known of a provider. */
export interface Seller {
  readonly config: Pick<ProviderConfig, "cost_per_1m_tokens" | "prices" | "model_prices">;
  readonly origin: string;
  readonly basePath: string;
  /** Models of one's own have no list price. */
  readonly nearby: boolean;
}

/**
 * What providers take: as the owner's config says, for the model or for all of them; else by the catalogue; else it is not
 * known. Models are named as they are sent. `wallMs`: when, as list prices change.
 */
export class Pricing {
  readonly #catalogue = new Catalogue();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Reads the catalogue if one of them needs it: what ends before it is there has no price. Never rejects. */
  async load(sellers: readonly Seller[]): Promise<void> {
    if (!sellers.some(needsCatalogue)) return;
    try {
      await this.#catalogue.load();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#log(
        "warn",
        `the price catalogue cannot be read: costs are known only where the config has prices (${why})`,
      );
    }
  }

  /** Undefined: not known. `inputTokens`: of the prompt; some prices rise with it. */
  pricesOf(seller: Seller, model: string, wallMs: number, inputTokens = 0): Prices | undefined {
    const { prices, model_prices, cost_per_1m_tokens: flat } = seller.config;
    const own = ownOf(model_prices, model) ?? prices;
    if (own) return configured(own);
    if (flat !== undefined) return configured({ input: flat, output: flat });
    if (seller.nearby) return undefined;
    return this.#catalogue.pricesOf(seller.origin + seller.basePath, model, inputTokens, wallMs);
  }

  costOf(seller: Seller, model: string, usage: Usage, wallMs: number): Cost {
    const prices = this.pricesOf(seller, model, wallMs, usage.input);
    return prices ? costOf(usage, prices) : UNKNOWN_COST;
  }

  /** Of a prompt alone, none of it cached. */
  inputCost(seller: Seller, model: string, inputTokens: number, wallMs: number): Cost {
    return this.costOf(seller, model, { ...NO_USAGE, input: inputTokens }, wallMs);
  }
}

function needsCatalogue({ config, nearby }: Seller): boolean {
  return !nearby && config.prices === undefined && config.cost_per_1m_tokens === undefined;
}

/** Clients choose model names, `constructor` too. */
function ownOf(prices: ProviderConfig["model_prices"], model: string): PricesConfig | undefined {
  return Object.hasOwn(prices, model) ? prices[model] : undefined;
}

/** What is not given costs as much as input: a cache that is not priced apart must not look free. */
function configured({ input, output, cached_read, cache_write, cache_write_1h }: PricesConfig): Prices {
  const cacheWrite = cache_write ?? input;
  return {
    input,
    output,
    cachedRead: cached_read ?? input,
    cacheWrite,
    cacheWriteLong: cache_write_1h ?? cacheWrite,
    source: "configured",
  };
}
