import type { PricesConfig, ProviderConfig } from "../config/config.ts";
import type { Log } from "../core/log.ts";
import { NO_USAGE, type Usage } from "../core/usage.ts";
import { Catalogue } from "./catalogue.ts";
import { type Cost, costOf, type Prices, UNKNOWN_COST } from "./cost.ts";
import { type PriceList, priceList, pricesAt } from "./price-list.ts";

/** Whose prices they are: what is to be known of a provider. */
export interface Seller {
  readonly config: Pick<ProviderConfig, "cost_per_1m_tokens" | "prices" | "model_prices">;
  readonly origin: string;
  readonly basePath: string;
  /** Models of one's own have no list price. */
  readonly nearby: boolean;
}

/** Prices may begin on a date, or hold for some hours of the day: they are looked up anew so often. */
const FRESH_MS = 60_000;
/** Clients choose model names, and an address may take any. */
const MAX_MODELS = 1_000;
const MAX_NAME_CHARS = 256;

interface Found {
  atMs: number;
  list: PriceList | undefined;
}

/**
 * What providers take: as the owner's config says, for the model or for all of them; else by the catalogue; else it is not
 * known. Models are named as they are sent. `wallMs`: when, as list prices change.
 */
export class Pricing {
  readonly #catalogue = new Catalogue();
  readonly #found = new WeakMap<Seller, Map<string, Found>>();
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
    const list = this.listOf(seller, model, wallMs);
    return list && pricesAt(list, inputTokens);
  }

  /** For prompts of any length; undefined: not known. Remembered, as a decision may ask for those of fifty providers. */
  listOf(seller: Seller, model: string, wallMs: number): PriceList | undefined {
    if (model.length > MAX_NAME_CHARS) return ownList(seller, model);
    const found = this.#foundOf(seller);
    const known = found.get(model);
    if (known && Math.abs(wallMs - known.atMs) < FRESH_MS) return known.list;
    const list = ownList(seller, model) ?? this.#listed(seller, model, wallMs);
    if (found.size >= MAX_MODELS) found.clear();
    if (list || this.#catalogue.isLoaded) found.set(model, { atMs: wallMs, list });
    return list;
  }

  #foundOf(seller: Seller): Map<string, Found> {
    let found = this.#found.get(seller);
    if (!found) {
      found = new Map();
      this.#found.set(seller, found);
    }
    return found;
  }

  #listed({ nearby, origin, basePath }: Seller, model: string, wallMs: number): PriceList | undefined {
    return nearby ? undefined : this.#catalogue.pricesOf(origin + basePath, model, wallMs);
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

/** As the config says, for the model or for all. */
function ownList({ config }: Seller, model: string): PriceList | undefined {
  const { prices, model_prices, cost_per_1m_tokens: flat } = config;
  const own = ownOf(model_prices, model) ?? prices;
  if (own) return configured(own);
  return flat === undefined ? undefined : configured({ input: flat, output: flat });
}

/** Clients choose model names, `constructor` too. */
function ownOf(prices: ProviderConfig["model_prices"], model: string): PricesConfig | undefined {
  return Object.hasOwn(prices, model) ? prices[model] : undefined;
}

/** What is not given costs as much as input: a cache that is not priced apart must not look free. */
function configured({ input, output, cached_read, cache_write, cache_write_1h }: PricesConfig): PriceList {
  const cacheWrite = cache_write ?? input;
  const prices: Prices = {
    input,
    output,
    cachedRead: cached_read ?? input,
    cacheWrite,
    cacheWriteLong: cache_write_1h ?? cacheWrite,
    source: "configured",
  };
  return priceList([{ above: 0, prices }]);
}
