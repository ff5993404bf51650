import type { Prices } from "./cost.ts";

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

/** Prices may begin on a date, or hold for some hours of the day. */
const FRESH_MS = 60_000;
/** Clients choose model names, and an address may take any. */
const MAX_MODELS = 1_000;
const MAX_NAME_CHARS = 256;

interface Found {
  atMs: number;
  price: ModelPrice | undefined;
}

/** The list prices of hosted models, from @pydantic/genai-prices: by the address of an API and the name it is sent. */
export class Catalogue {
  #library: Library | undefined;
  #loading: Promise<void> | undefined;
  readonly #found = new Map<string, Found>();

  /** 0.8 MB to parse and 20 MB of memory: only for those who need it, and never before the router listens. Rejects when it cannot be read. */
  load(): Promise<void> {
    this.#loading ??= import("@pydantic/genai-prices").then((library) => {
      this.#library = library;
    });
    return this.#loading;
  }

  /** Undefined: not known there, or not loaded yet. `url`: of the API. `input`: tokens of the prompt, on which some prices depend. */
  pricesOf(url: string, model: string, input: number, wallMs: number): Prices | undefined {
    const price = this.#priceOf(url, model, wallMs);
    return price && pricesIn(price, input);
  }

  #priceOf(url: string, model: string, wallMs: number): ModelPrice | undefined {
    if (!this.#library || model.length > MAX_NAME_CHARS) return undefined;
    const key = `${url}\n${model}`;
    const known = this.#found.get(key);
    if (known && Math.abs(wallMs - known.atMs) < FRESH_MS) return known.price;
    if (this.#found.size >= MAX_MODELS) this.#found.clear();
    const timestamp = new Date(wallMs);
    // Gemini takes the names of its models with and without the folder they are in.
    const name = model.replace(/^models\//, "");
    const price = this.#library.calcPrice({}, name, { providerApiUrl: url, timestamp })?.model_price;
    this.#found.set(key, { atMs: wallMs, price });
    return price;
  }
}

/** Undefined for models that are paid for something else than text, such as pictures or searches. */
function pricesIn(price: ModelPrice, inputTokens: number): Prices | undefined {
  const isText = (key: string) => BESIDES.has(key) || TOKENS.some((known) => known === key);
  if (!Object.keys(price).every(isText)) return undefined;
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

  /** The step a prompt reaches counts for all of its tokens. */
  function at(key: TokenKey): number | undefined {
    const value = price[key];
    if (value === undefined || typeof value === "number") return value;
    const steps = value.tiers.filter(({ start }) => inputTokens > start).toSorted((a, b) => b.start - a.start);
    return steps[0]?.price ?? value.base;
  }
}
