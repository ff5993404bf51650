import type { Prices } from "./cost.ts";
import { type PriceList, priceList } from "./price-list.ts";

type Library = Pick<typeof import("@pydantic/genai-prices"), "calcPrice">;
type ModelPrice = NonNullable<ReturnType<Library["calcPrice"]>>["model_price"];

/** What the price of a text answer follows from, as the library calls it. */
const TOKENS = ["input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok"] as const;
type TokenKey = (typeof TOKENS)[number];

/** Prices of what a request may have besides: hosted tools, and media as input. Not counted (docs/cost.md). */
const BESIDES = new Set([
  "input_audio_mtok",
  "input_image_mtok",
  "input_video_mtok",
  "cache_audio_read_mtok",
  "cache_image_read_mtok",
  "web_searches_kcount",
  "storage_searches_kcount",
]);

/** The list prices of hosted models, from @pydantic/genai-prices: by the address of an API and the name it is sent. */
export class Catalogue {
  #library: Library | undefined;
  #loading: Promise<void> | undefined;

  /** 0.8 MB to parse and 20 MB of memory: only for those who need it, and never before the router listens. Rejects when it cannot be read. */
  load(): Promise<void> {
    this.#loading ??= import("@pydantic/genai-prices").then((library) => {
      this.#library = library;
    });
    return this.#loading;
  }

  /** It can be asked. */
  get isLoaded(): boolean {
    return this.#library !== undefined;
  }

  /** Undefined: not known there, or not loaded yet. `url`: of the API. Takes some 100 µs. */
  pricesOf(url: string, model: string, wallMs: number): PriceList | undefined {
    // Gemini takes the names of its models with and without the folder they are in.
    const name = model.replace(/^models\//, "");
    const timestamp = new Date(wallMs);
    const price = this.#library?.calcPrice({}, name, { providerApiUrl: url, timestamp })?.model_price;
    return price && listOf(price);
  }
}

/** Undefined for models that are paid for something else than text, such as pictures or searches. */
function listOf(price: ModelPrice): PriceList | undefined {
  const isText = (key: string) => BESIDES.has(key) || TOKENS.some((known) => known === key);
  if (!Object.keys(price).every(isText)) return undefined;
  const lowest = pricesIn(price, 0);
  if (!lowest) return undefined;
  const starts = new Set(TOKENS.flatMap((key) => stepsOf(price[key])));
  const further = [...starts]
    .toSorted((a, b) => a - b)
    .flatMap((above) => {
      const prices = pricesIn(price, above + 1);
      return prices ? [{ above, prices }] : [];
    });
  return priceList([{ above: 0, prices: lowest }, ...further]);
}

function stepsOf(value: ModelPrice[TokenKey]): number[] {
  return value === undefined || typeof value === "number" ? [] : value.tiers.map(({ start }) => start);
}

function pricesIn(price: ModelPrice, inputTokens: number): Prices | undefined {
  const [input, output] = [at("input_mtok"), at("output_mtok")];
  if (input === undefined || output === undefined) return undefined;
  const cacheWrite = at("cache_write_mtok") ?? input;
  return {
    input,
    output,
    cachedRead: at("cache_read_mtok") ?? input,
    cacheWrite,
    cacheWriteLong: at("cache_write_1h_mtok") ?? cacheWrite,
    source: "catalogue",
  };

  function at(key: TokenKey): number | undefined {
    const value = price[key];
    if (value === undefined || typeof value === "number") return value;
    const steps = value.tiers.filter(({ start }) => inputTokens > start).toSorted((a, b) => b.start - a.start);
    return steps[0]?.price ?? value.base;
  }
}
